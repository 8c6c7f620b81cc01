// What the service manager hears, on a real datagram socket.

#include "app/serve/notify.hpp"

#include "support/log_lines.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace storysign::app {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The service manager's end.
class Manager {
 public:
  explicit Manager(const std::string& address) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.copy(static_cast<char*>(name.sun_path), sizeof name.sun_path - 1);
    const bool is_abstract = address.front() == '@';
    if (is_abstract) name.sun_path[0] = '\0';
    const std::size_t length =
        is_abstract ? offsetof(sockaddr_un, sun_path) + address.size() : sizeof name;
    EXPECT_EQ(
        ::bind(socket_, reinterpret_cast<const sockaddr*>(&name), static_cast<socklen_t>(length)),
        0);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  Manager(Manager&&) = delete;
  Manager& operator=(Manager&&) = delete;
  ~Manager() { ::close(socket_); }

  /// All that was said since the last call.
  [[nodiscard]] std::vector<std::string> heard() const {
    std::vector<std::string> out;
    std::array<char, 512> buffer{};
    for (;;) {
      const auto size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < 0) return out;
      out.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  int socket_;
};

TEST(Notifier, SpeaksToAPathAndToAnAbstractName) {
  const testing::TempFolder folder;
  for (const std::string& address :
       {(folder / "notify").string(), "@storysign-test-" + std::to_string(::getpid())}) {
    const Manager manager(address);
    const auto notifier = Notifier::to(address);
    ASSERT_TRUE(notifier) << notifier.error().message;
    EXPECT_TRUE(notifier->send("READY=1")) << address;
    EXPECT_THAT(manager.heard(), ElementsAre("READY=1")) << address;
  }
}

TEST(Notifier, SaysNothingWhereNobodyListens) {
  EXPECT_FALSE(Notifier().send("READY=1"));
  const auto none = Notifier::to("");
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->is_connected());
  const testing::TempFolder folder;
  const auto gone = Notifier::to((folder / "nobody").string());
  ASSERT_TRUE(gone);
  EXPECT_FALSE(gone->send("READY=1"));
}

TEST(Notifier, RefusesWhatIsNoAddress) {
  for (const std::string& address : {std::string("vsock:2:1234"), std::string("relative"),
                                     "/" + std::string(200, 'x'), "@" + std::string(200, 'x')}) {
    const auto notifier = Notifier::to(address);
    ASSERT_FALSE(notifier) << address;
    EXPECT_THAT(notifier.error().message, HasSubstr("NOTIFY_SOCKET"));
  }
}

TEST(Notifier, NeverBlocksOnAManagerThatDoesNotRead) {
  const std::string address = "@storysign-full-" + std::to_string(::getpid());
  const Manager manager(address);
  const auto notifier = Notifier::to(address);
  ASSERT_TRUE(notifier);
  int taken = 0;
  while (taken < 100000 && notifier->send("WATCHDOG=1")) ++taken;
  EXPECT_LT(taken, 100000) << "the queue of a socket is shorter than that";
}

TEST(WatchdogPeriod, IsThatOfThisProcessOnly) {
  const std::string self = std::to_string(::getpid());
  EXPECT_EQ(watchdog_period("30000000", ""), seconds(30));
  EXPECT_EQ(watchdog_period("30000000", self), seconds(30));
  EXPECT_EQ(watchdog_period("30000000", "1"), std::nullopt);
  EXPECT_EQ(watchdog_period("", self), std::nullopt);
  EXPECT_EQ(watchdog_period("0", ""), std::nullopt);
  EXPECT_EQ(watchdog_period("-5", ""), std::nullopt);
  EXPECT_EQ(watchdog_period("30s", ""), std::nullopt);
}

class SupervisorTest : public ::testing::Test {
 protected:
  static constexpr seconds kPeriod{20};

  [[nodiscard]] Supervisor make(std::optional<microseconds> watchdog = kPeriod) {
    auto notifier = Notifier::to(address_);
    EXPECT_TRUE(notifier);
    return {std::move(*notifier), watchdog, log_};
  }
  /// Beats every half second for `time`, with `pulse` seen; how often all was said to be well.
  std::size_t pets(Supervisor& supervisor, seconds time, const Pulse& pulse,
                   bool io_answers = true) {
    std::size_t out = 0;
    const base::SteadyTime end = now_ + time;
    while (now_ < end) {
      now_ += milliseconds(500);
      if (io_answers) io_answered_ = now_;
      Pulse seen = pulse;
      seen.io_answered = io_answered_;
      supervisor.beat(seen, now_);
      for (const std::string& line : manager_.heard()) {
        if (line == "WATCHDOG=1") ++out;
        if (line.starts_with("STATUS=")) status_ = line;
      }
    }
    return out;
  }

  std::string address_ = "@storysign-supervisor-" + std::to_string(::getpid());
  Manager manager_{address_};
  testing::LogLines lines_;
  telemetry::Log log_{{.sink = &lines_}};
  base::SteadyTime now_{seconds(100)};
  base::SteadyTime io_answered_ = now_;
  std::string status_;
  Pulse well_{.sessions = 3, .workers = 2};
};

TEST_F(SupervisorTest, TellsTheLifeOfTheServer) {
  Supervisor supervisor = make(std::nullopt);
  supervisor.ready();
  supervisor.reloading(base::SteadyTime(milliseconds(1500)));
  supervisor.ready();
  supervisor.stopping();
  EXPECT_THAT(manager_.heard(), ElementsAre("READY=1", "RELOADING=1\nMONOTONIC_USEC=1500000",
                                            "READY=1", "STOPPING=1"));
}

TEST_F(SupervisorTest, SaysOftenEnoughThatAllIsWell) {
  Supervisor supervisor = make();
  const std::size_t count = pets(supervisor, 3 * kPeriod, well_);
  EXPECT_GE(count, 6U) << "twice a period at least";
  EXPECT_LE(count, 13U) << "but not at every tick";
  EXPECT_EQ(status_, "STATUS=Serving 3 learners with 2 workers.");
  EXPECT_THAT(lines_.lines, IsEmpty());
}

TEST_F(SupervisorTest, SaysTheStatusOnceAndNoWatchdogWhereThereIsNone) {
  Supervisor supervisor = make(std::nullopt);
  supervisor.beat({.io_answered = now_, .sessions = 1, .workers = 2}, now_);
  supervisor.beat({.io_answered = now_, .sessions = 1, .workers = 2}, now_);
  supervisor.stopping();
  supervisor.beat({.io_answered = now_, .sessions = 1, .workers = 2}, now_);
  EXPECT_THAT(manager_.heard(),
              ElementsAre("STATUS=Serving 1 learners with 2 workers.", "STOPPING=1",
                          "STATUS=Stopping; 1 learners are still here."));
}

TEST_F(SupervisorTest, StopsWhenIoDoesNotAnswerAndGoesOnWhenItDoes) {
  Supervisor supervisor = make();
  EXPECT_GT(pets(supervisor, kPeriod, well_), 0U);
  EXPECT_GT(pets(supervisor, seconds(9), well_, false), 0U) << "that may still be a long moment";
  EXPECT_EQ(pets(supervisor, 3 * kPeriod, well_, false), 0U);
  EXPECT_THAT(status_, HasSubstr("I/O threads have not answered"));
  EXPECT_THAT(lines_.lines, ElementsAre(HasSubstr("A part of the server is stuck"))) << "said once";
  EXPECT_GT(pets(supervisor, kPeriod, well_), 0U);
  EXPECT_THAT(lines_.lines, SizeIs(2));
}

TEST_F(SupervisorTest, StopsWhenAWorkerIsStuckAtAFrame) {
  Supervisor supervisor = make();
  EXPECT_GT(pets(supervisor, kPeriod, {.longest_work = seconds(9)}), 0U);
  EXPECT_EQ(pets(supervisor, kPeriod, {.longest_work = seconds(11)}), 0U);
  EXPECT_THAT(status_, HasSubstr("at the same frame for 11 s"));
}

TEST_F(SupervisorTest, StopsWhenNobodyTakesFrames) {
  Supervisor supervisor = make();
  EXPECT_GT(pets(supervisor, seconds(10), {.is_work_left_alone = true}), 0U);
  EXPECT_GT(pets(supervisor, seconds(10), well_), 0U) << "a worker came";
  EXPECT_GT(pets(supervisor, seconds(11), {.is_work_left_alone = true}), 0U) << "from new";
  EXPECT_EQ(pets(supervisor, kPeriod, {.is_work_left_alone = true}), 0U);
  EXPECT_THAT(status_, HasSubstr("no worker takes them"));
}

}  // namespace
}  // namespace storysign::app
