#include "app/load/client.hpp"

#include "wire/base64.hpp"
#include "wire/landmark_frame.hpp"
#include "wire/timestamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace storysign::app {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr auto kGreetingPatience = 10s;
constexpr auto kAnswerPatience = 2000ms;
constexpr auto kClosePatience = 2000ms;
constexpr auto kStopPatience = 300ms;

// What every server has built in: signs, and the letters of the manual alphabet.
constexpr std::string_view kStartSigns =
    R"({"type":"control","action":"start_session","data":{"story_title":"Load",)"
    R"("story_sentences":["Water, please."],)"
    R"("items":[[{"kind":"sign","target":"WATER"},{"kind":"sign","target":"PLEASE"}]]}})";
constexpr std::string_view kStartLetters =
    R"({"type":"control","action":"start_session","data":{"story_title":"Load",)"
    R"("story_sentences":["Story."],"items":[[{"kind":"letters","target":"STORY"}]]}})";
constexpr std::string_view kTryAgain = R"({"type":"control","action":"try_again","data":{}})";

template <class Text>
Connection::Part bytes_of(const Text& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

base::SteadyTime::duration to_time(double seconds) {
  return std::chrono::duration_cast<base::SteadyTime::duration>(
      std::chrono::duration<double>(seconds));
}

Answered answered(const wire::AnswerHeader& header) {
  return {.frame_number = header.frame_number,
          .success = header.success,
          .inferred = header.inferred,
          .replaced = header.replaced,
          .expired = header.expired,
          .server = {header.queue_time, header.decode_time, header.vision_time, header.render_time,
                     header.encode_time, header.total_time}};
}

Answered answered(const wire::FrameReport& report) {
  return {.frame_number = report.client_frame_number,
          .success = report.success,
          .inferred = report.inferred,
          .replaced = report.frames_replaced,
          .expired = report.frames_expired,
          .server = {report.stages.queue, report.stages.decode, report.stages.vision,
                     report.stages.render, report.stages.encode, report.total_time}};
}

}  // namespace

void Timeline::add(base::SteadyTime due, base::SteadyTime answered) {
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(answered - origin_).count();
  const auto index = static_cast<std::size_t>(std::max<std::int64_t>(second, 0));
  if (seconds_.size() <= index) seconds_.resize(index + 1);
  seconds_[index].add(answered - due);
}

std::vector<Second> Timeline::seconds() const {
  std::vector<Second> seconds;
  seconds.reserve(seconds_.size());
  for (const Samples& samples : seconds_) {
    seconds.push_back({.answers = samples.size(), .from_due = samples.summary()});
  }
  return seconds;
}

LoadClient::LoadClient(boost::asio::io_context& io, LoadRun& run, int index)
    : run_(run),
      index_(index),
      clip_(static_cast<std::size_t>(index) % run.clips.size()),
      frames_(run.clips[clip_]),
      connection_(make_connection(io, run.connection, *this)),
      timer_(io),
      ledger_(run.options.deadline) {}

template <class Then>
void LoadClient::wait_until(base::SteadyTime time, Then then) {
  // Setting the time takes back what the timer was to do before.
  timer_.expires_at(time);
  timer_.async_wait([this, then](const boost::system::error_code& error) {
    if (!error && state_ != State::kClosed) then();
  });
}

void LoadClient::start() {
  const double share = static_cast<double>(index_) / run_.options.clients;
  wait_until(run_.origin + to_time(run_.options.ramp_seconds * share), [this] {
    state_ = State::kConnecting;
    connection_->open();
  });
}

void LoadClient::stop() {
  waiting_.clear();
  if (state_ == State::kWaiting) {
    state_ = State::kClosed;
    timer_.cancel();
  } else if (state_ == State::kConnecting || state_ == State::kStarting) {
    close();
  } else if (state_ == State::kSending || state_ == State::kDraining) {
    drain(kStopPatience);
  }
}

void LoadClient::on_open() {
  wait_until(base::steady_now() + kGreetingPatience, [this] {
    fail("The server accepted the WebSocket, but did not greet; is it a StorySign server?");
  });
}

void LoadClient::on_message(bool is_text, base::Bytes& message) {
  const base::SteadyTime now = base::steady_now();
  ledger_.count_received(message.size());
  if (is_text) {
    read_text(message, now);
  } else {
    read_binary(message, now);
  }
  if (state_ == State::kDraining && waiting_.empty() && !sending_ && ledger_.unanswered() == 0) {
    close();
  }
}

void LoadClient::read_text(base::Bytes& message, base::SteadyTime now) {
  const auto text = wire::read_server_text(message);
  if (!text) return fail(text.error().message);
  if (text->frame) {
    if (!text->frame->success && first_error_.empty()) first_error_ = text->message;
    take_answer(answered(*text->frame), now);
  } else if (text->type == "connection_established") {
    if (state_ == State::kConnecting) greeted();
  } else if (text->control) {
    take_control(*text);
  } else if (text->feedback) {
    take_feedback(*text, now);
  } else if (text->type.ends_with("error")) {
    complain(text->message);
  }
}

void LoadClient::complain(const std::string& error) {
  // Without its session this learner would not be the one that was asked for.
  if (state_ == State::kStarting) return fail("The server refused practice: " + error);
  ledger_.count_error();
  if (first_error_.empty()) first_error_ = error;
}

void LoadClient::greeted() {
  const LoadPractice practice = run_.options.practice;
  if (practice == LoadPractice::kNone) return begin_sending();
  state_ = State::kStarting;
  say(practice == LoadPractice::kSigns ? kStartSigns : kStartLetters);
  wait_until(base::steady_now() + kGreetingPatience,
             [this] { fail("The server did not answer start_session; is there practice on it?"); });
}

void LoadClient::take_control(const wire::ServerText& text) {
  if (!text.control->success) return complain(text.message);
  if (state_ == State::kStarting) begin_sending();
}

void LoadClient::take_feedback(const wire::ServerText& text, base::SteadyTime now) {
  const wire::FeedbackReport& feedback = *text.feedback;
  if (counts(now)) ledger_.count_attempt(feedback.is_judged, feedback.accepted);
  if (!feedback.is_judged && first_error_.empty()) first_error_ = text.message;
  // The server listens again by itself to what it has not judged.
  if (feedback.is_judged && state_ == State::kSending) say(kTryAgain);
}

void LoadClient::read_binary(const base::Bytes& message, base::SteadyTime now) {
  const auto answer = wire::read_answer(message);
  if (!answer) return fail("The server sent a wrong answer. " + answer.error().message);
  if (!answer->header.success && first_error_.empty()) first_error_ = answer->text;
  take_answer(answered(answer->header), now);
}

void LoadClient::take_answer(const Answered& answer, base::SteadyTime now) {
  if (const auto due = ledger_.answer(answer, now)) {
    last_latency_ = std::chrono::duration_cast<microseconds>(now - *due);
    run_.timeline.add(*due, now);
  }
}

void LoadClient::begin_sending() {
  const LoadOptions& options = run_.options;
  state_ = State::kSending;
  const base::SteadyTime now = base::steady_now();
  double seconds = options.seconds;
  if (options.settle_seconds > 0.0) {
    // To the end that all share, however long it took to connect, and one frame more: which ones
    // count is decided by their time.
    seconds += options.settle_seconds + 1.0 / options.fps;
    seconds -= std::chrono::duration<double>(now - run_.origin).count();
  }
  schedule_.emplace(run_.origin, now, static_cast<double>(index_) / options.clients, options.fps,
                    seconds);
  const base::SteadyTime first = schedule_->due(0);
  const base::SteadyTime counted = std::max(first, run_.origin + to_time(options.settle_seconds));
  run_.first_due = std::min(run_.first_due.value_or(counted), counted);
  wait_until(first, [this] { plan_due_frames(); });
}

bool LoadClient::counts(base::SteadyTime due) const {
  const LoadOptions& options = run_.options;
  if (options.settle_seconds <= 0.0) return true;
  const base::SteadyTime from = run_.origin + to_time(options.settle_seconds);
  return due >= from && due < from + to_time(options.seconds);
}

void LoadClient::plan_due_frames() {
  const LoadOptions& options = run_.options;
  // Clients begin at different places, so that they do not all show the same at the same time.
  const std::size_t start = frames_.coded.size() * static_cast<std::size_t>(index_) /
                            static_cast<std::size_t>(options.clients);
  const base::SteadyTime now = base::steady_now();
  for (; next_ < schedule_->frames() && schedule_->due(next_) <= now; ++next_) {
    if (options.max_unanswered != 0 && ledger_.unanswered() >= options.max_unanswered) {
      if (counts(schedule_->due(next_))) ledger_.hold_back();
      ++held_back_;
      continue;
    }
    const Planned frame{.number = static_cast<std::uint32_t>(next_ + 1),
                        .picture = pick_frame(frames_, start, next_, options.fps),
                        .due = schedule_->due(next_)};
    ledger_.plan(frame.number, frame.due, counts(frame.due));
    waiting_.push_back(frame);
  }
  pump();
  if (next_ < schedule_->frames()) {
    wait_until(schedule_->due(next_), [this] { plan_due_frames(); });
  } else {
    drain(kAnswerPatience);
  }
}

void LoadClient::pump() {
  if (sending_) return;
  if (!texts_.empty()) {
    const std::array<Connection::Part, 1> parts{bytes_of(texts_.front())};
    texts_.pop_front();
    sending_ = true;
    connection_->send(parts, true);
    return;
  }
  if (waiting_.empty()) return;
  const Planned frame = waiting_.front();
  waiting_.pop_front();
  sending_ = true;
  if (run_.options.mode == LoadMode::kEdge) {
    send_landmarks(frame);
  } else if (run_.options.protocol == LoadProtocol::kBinary) {
    send_binary(frame);
  } else {
    send_json(frame);
  }
}

void LoadClient::send_binary(const Planned& frame) {
  const LoadOptions& options = run_.options;
  const base::Bytes& jpeg = frames_.coded[frame.picture];
  const bool landmarks = options.mode != LoadMode::kAnnotated;
  header_.clear();
  wire::append_frame_header(
      {.landmarks = landmarks,
       .picture = options.mode != LoadMode::kLandmarks,
       .face_mesh = landmarks && options.face_mesh,
       .every_frame = options.every_frame,
       .frame_number = frame.number,
       .capture_time = std::chrono::duration_cast<microseconds>(frame.due.time_since_epoch()),
       .width = static_cast<std::uint16_t>(frames_.size.width),
       .height = static_cast<std::uint16_t>(frames_.size.height),
       .latency = last_latency_,
       .client_dropped = held_back_},
      header_);
  ledger_.send(frame.number, base::steady_now(), header_.size() + jpeg.size());
  const std::array<Connection::Part, 2> parts{bytes_of(header_), bytes_of(jpeg)};
  connection_->send(parts, false);
}

void LoadClient::send_landmarks(const Planned& frame) {
  // Only the header is this client's own; what was found is sent from where it is.
  const auto message = std::span(frames_.coded[frame.picture]);
  const auto found = message.first<wire::kLandmarkFrameHeaderBytes>();
  header_.assign(found.begin(), found.end());
  wire::stamp_landmark_frame(
      {.frame_number = frame.number,
       .capture_time = std::chrono::duration_cast<microseconds>(frame.due.time_since_epoch()),
       .latency = last_latency_,
       .client_dropped = held_back_},
      std::span(header_).first<wire::kLandmarkFrameHeaderBytes>());
  ledger_.send(frame.number, base::steady_now(), message.size());
  const std::array<Connection::Part, 2> parts{bytes_of(header_),
                                              message.subspan(wire::kLandmarkFrameHeaderBytes)};
  connection_->send(parts, false);
}

void LoadClient::say(std::string_view text) {
  texts_.push_back(text);
  pump();
}

void LoadClient::send_json(const Planned& frame) {
  const LoadOptions& options = run_.options;
  const std::string& base64 = run_.base64[clip_][frame.picture];
  before_ = R"({"type":"raw_frame","timestamp":")";
  wire::append_timestamp(std::chrono::system_clock::now(), before_);
  fmt::format_to(
      std::back_inserter(before_),
      R"(","answer_mode":"{}","face_mesh":{},"every_frame":{},"frame_data":"data:image/jpeg;base64,)",
      mode_name(options.mode), options.face_mesh, options.every_frame);
  after_.clear();
  fmt::format_to(std::back_inserter(after_),
                 R"(","metadata":{{"frame_number":{},"client_id":"load_{}","width":{},"height":{},)"
                 R"("adaptive_fps":{},"network_latency_ms":{:.3f}}}}})",
                 frame.number, index_ + 1, frames_.size.width, frames_.size.height, options.fps,
                 std::min(std::chrono::duration<double, std::milli>(last_latency_).count(), 6e5));
  ledger_.send(frame.number, base::steady_now(), before_.size() + base64.size() + after_.size());
  const std::array<Connection::Part, 3> parts{bytes_of(before_), bytes_of(base64),
                                              bytes_of(after_)};
  connection_->send(parts, true);
}

void LoadClient::on_sent() {
  sending_ = false;
  pump();
}

void LoadClient::drain(std::chrono::milliseconds patience) {
  state_ = State::kDraining;
  texts_.clear();
  if (waiting_.empty() && !sending_ && ledger_.unanswered() == 0) return close();
  wait_until(base::steady_now() + patience, [this] { close(); });
}

void LoadClient::close() {
  state_ = State::kClosing;
  waiting_.clear();
  texts_.clear();
  wait_until(base::steady_now() + kClosePatience, [this] { on_closed({}); });
  connection_->close();
}

void LoadClient::fail(std::string failure) {
  if (failure_.empty()) failure_ = std::move(failure);
  close();
}

void LoadClient::on_closed(const std::string& failure) {
  // A server that closes while the last answers are awaited is still one that closed.
  if (failure_.empty()) failure_ = failure;
  state_ = State::kClosed;
  timer_.cancel();
}

ClientReport LoadClient::report() const {
  return {.tally = ledger_.close(), .first_error = first_error_, .failure = failure_};
}

}  // namespace storysign::app
