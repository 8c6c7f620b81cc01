#pragma once

#include "app/load/connection.hpp"
#include "app/load/frames.hpp"
#include "app/load/ledger.hpp"
#include "app/load/load.hpp"
#include "app/load/report.hpp"
#include "app/load/schedule.hpp"
#include "base/clock.hpp"
#include "wire/binary.hpp"
#include "wire/server_reader.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::app {

/// When frames were answered, all clients together.
class Timeline {
 public:
  explicit Timeline(base::SteadyTime origin) : origin_(origin) {}
  void add(base::SteadyTime due, base::SteadyTime answered);
  [[nodiscard]] std::vector<Second> seconds() const;

 private:
  base::SteadyTime origin_;
  std::vector<Samples> seconds_;
};

/// What the clients of a run share; outlives them.
struct LoadRun {
  const LoadOptions& options;
  std::span<const Frames> clips;  ///< At least one, all of one size.
  ConnectionOptions connection;
  base::SteadyTime origin;
  std::vector<std::vector<std::string>> base64;  ///< Of the clips' frames, for the JSON protocol.
  Timeline timeline;
  std::optional<base::SteadyTime> first_due;  ///< Of all clients' frames that count.
};

/// One client: connects, sends by its schedule, keeps its account, closes. Owned by the run; used
/// by the thread of the io_context.
class LoadClient final : public Connection::Listener {
 public:
  /// `index` of the run's clients gives it its place within an interval, and its clip.
  LoadClient(boost::asio::io_context& io, LoadRun& run, int index);
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;
  LoadClient(LoadClient&&) = delete;
  LoadClient& operator=(LoadClient&&) = delete;
  ~LoadClient() override = default;

  /// Connects when its turn in the ramp has come.
  void start();
  /// Sends nothing more and closes soon.
  void stop();
  [[nodiscard]] bool finished() const noexcept { return state_ == State::kClosed; }
  [[nodiscard]] ClientReport report() const;

 private:
  enum class State : std::uint8_t {
    kWaiting,
    kConnecting,
    kStarting,  ///< The server has been asked for practice.
    kSending,
    kDraining,
    kClosing,
    kClosed
  };
  struct Planned {
    std::uint32_t number = 0;
    std::size_t picture = 0;
    base::SteadyTime due;
  };

  void on_open() override;
  void on_message(bool is_text, base::Bytes& message) override;
  void on_sent() override;
  void on_closed(const std::string& failure) override;

  void read_text(base::Bytes& message, base::SteadyTime now);
  void read_binary(const base::Bytes& message, base::SteadyTime now);
  void take_answer(const Answered& answer, base::SteadyTime now);
  void greeted();
  void take_control(const wire::ServerText& text);
  void take_feedback(const wire::ServerText& text, base::SteadyTime now);
  void complain(const std::string& error);
  void begin_sending();
  void plan_due_frames();
  [[nodiscard]] bool counts(base::SteadyTime due) const;
  void pump();
  void send_binary(const Planned& frame);
  void send_landmarks(const Planned& frame);
  void send_json(const Planned& frame);
  void say(std::string_view text);
  void drain(std::chrono::milliseconds patience);
  void close();
  void fail(std::string failure);
  template <class Then>
  void wait_until(base::SteadyTime time, Then then);

  // Given.
  LoadRun& run_;
  int index_;
  std::size_t clip_;
  const Frames& frames_;
  // Owned.
  std::unique_ptr<Connection> connection_;
  boost::asio::steady_timer timer_;
  Ledger ledger_;
  // State.
  State state_ = State::kWaiting;
  std::optional<Schedule> schedule_;
  std::uint64_t next_ = 0;
  std::deque<Planned> waiting_;
  std::deque<std::string_view> texts_;  ///< Control messages to send before any frame; literals.
  bool sending_ = false;
  std::uint32_t held_back_ = 0;
  std::chrono::microseconds last_latency_{0};
  base::Bytes header_;
  std::string before_;
  std::string after_;
  std::string failure_;
  std::string first_error_;
};

}  // namespace storysign::app
