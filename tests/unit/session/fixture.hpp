#pragma once

#include "base/mutex.hpp"
#include "session/session.hpp"
#include "unit/pipeline/fixture.hpp"
#include "wire/base64.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::session::testing {

using Json = nlohmann::json;

/// Lets the test wait until a worker has woken the session.
class Bell : public Waker {
 public:
  void wake() noexcept override {
    const base::MutexLock lock(mutex_);
    ++rings_;
    rung_.notify_all();
  }
  void wait_for(int rings) {
    const base::MutexLock lock(mutex_);
    while (rings_ < rings) rung_.wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  base::Condition rung_;
  int rings_ STORYSIGN_GUARDED_BY(mutex_) = 0;
};

class FixedResources : public ResourceReport {
 public:
  [[nodiscard]] wire::ResourceStats latest() const override {
    return {.cpu_percent = 12.5, .memory_percent = 3.0, .memory_mb = 64.0, .timestamp = {}};
  }
};

inline wire::WallTime fixed_wall() {
  return wire::WallTime(std::chrono::seconds(1700000000));
}

/// A session on a pipeline without networks, with a clock of the test's.
class SessionFixture : public pipeline::testing::PipelineFixture {
 protected:
  void open(bool is_binary, const Limits& limits = {}) {
    start(1);
    wire::ServerInfo info;
    info.version = "1.2.3";
    info.max_message_bytes = 1000;
    context_.emplace(Context{.pipeline = *pipeline_,
                             .metrics = metrics_,
                             .resources = resources_,
                             .wall_now = &fixed_wall,
                             .info = info,
                             .limits = limits,
                             .governor = governor_,
                             .quality = quality_,
                             .keeping = keeping_,
                             .texts = texts_});
    session_ = std::make_unique<Session>(*context_, Client{7, is_binary}, bell_, now_);
  }
  void TearDown() override {
    stage_.release();
    session_.reset();
  }

  void say(std::string_view text) {
    base::BytesLease message = pipeline_->buffers().take();
    message->assign(text.begin(), text.end());
    session_->on_message(true, std::move(message), now_);
  }
  void say_json(const Json& message) { say(message.dump()); }
  void send(const base::Bytes& bytes) {
    base::BytesLease message = pipeline_->buffers().take();
    *message = bytes;
    session_->on_message(false, std::move(message), now_);
  }
  [[nodiscard]] Json raw_frame(int number) const {
    std::string text;
    wire::append_base64(jpeg_, text);
    return {{"type", "raw_frame"}, {"frame_data", text}, {"metadata", {{"frame_number", number}}}};
  }
  [[nodiscard]] base::Bytes binary_frame(std::uint32_t number) const {
    base::Bytes out;
    wire::FrameHeader header;
    header.landmarks = true;
    header.frame_number = number;
    header.capture_time = std::chrono::microseconds(1000 + number);
    wire::append_frame_header(header, out);
    out.insert(out.end(), jpeg_.begin(), jpeg_.end());
    return out;
  }

  /// The next text; fails the test if there is none.
  Json heard() {
    auto output = session_->next(now_);
    if (!output || !output->text) {
      ADD_FAILURE() << "no text to send";
      return Json::object();
    }
    return Json::parse(*output->text);
  }
  /// The answer to the frame that was sent as number `count` of this test.
  Json answer_after(int count) {
    bell_->wait_for(count);
    session_->collect(now_);
    return heard();
  }

  base::SteadyTime now_ = base::steady_now();
  Governor governor_{{}, now_};
  QualitySettings quality_;
  Keeping keeping_;
  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  FixedResources resources_;
  base::Pool<std::string> texts_{16, [](std::string& text) noexcept {
                                   text.clear();
                                   return true;
                                 }};
  std::optional<Context> context_;
  std::unique_ptr<Session> session_;
};

}  // namespace storysign::session::testing
