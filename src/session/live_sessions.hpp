#pragma once

#include "adapt/profile.hpp"
#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "session/conversation.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::session {

/// A session as operators see it. A plain value; texts are views of what lasts for ever.
struct SessionView {
  Client client;
  base::SteadyTime connected;
  bool at_home = false;  ///< Its client finds the landmarks; profile and so on are of its pictures.
  adapt::Profile profile = adapt::Profile::kBalanced;
  adapt::Reason reason = adapt::Reason::kStart;
  bool is_auto = true;
  int frame_skip = 0;
  int jpeg_quality = 0;
  double resolution_scale = 1.0;
  std::string_view compression;
  int advised_fps = 0;
  double sent_fps = 0.0;  ///< Frames a second that the client sends, over the last two seconds.
  std::optional<std::chrono::microseconds> last_latency;  ///< Frame received to answer sent.
  std::optional<std::chrono::microseconds> mean_latency;  ///< Of the whole session.
  std::uint64_t answered = 0;
  std::uint64_t inferred = 0;
  std::uint64_t replaced = 0;
  std::uint64_t expired = 0;
};

/// What an operator wants of one session; exactly one of them.
struct OperatorOrder {
  enum class Kind : std::uint8_t { kProfile, kFrameSkip, kKick };
  Kind kind = Kind::kProfile;
  std::optional<adapt::Profile> profile;  ///< Nothing: it finds its own again.
  std::optional<int> frame_skip;          ///< Nothing: the profile's.
  std::string reason;                     ///< Of a kick, for the client; at most 120 bytes.
};

/// What became of an order; kInvalidInput if the session refuses it, kNotFound if it has ended.
using OrderDone = base::Result<void>;

/// Every session that is open: what each last said of itself, and orders on their way to it. Made
/// by app, outlives the sessions; any thread.
class LiveSessions {
 public:
  /// An order with the place where its outcome goes.
  struct PendingOrder {
    OperatorOrder order;
    std::promise<OrderDone> done;
  };

  /// A session's own entry. Owned by the session, on its strand; the entry goes with it.
  class Seat {
   public:
    Seat(LiveSessions& all, std::uint64_t number, std::shared_ptr<Waker> waker);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    Seat(Seat&&) = delete;
    Seat& operator=(Seat&&) = delete;

    void publish(const SessionView& view);
    /// What operators have ordered since; each is to be answered.
    [[nodiscard]] std::vector<PendingOrder> take_orders();

   private:
    friend class LiveSessions;
    // Given.
    LiveSessions& all_;
    std::uint64_t number_;
    std::shared_ptr<Waker> waker_;
    // State, guarded by the mutex of LiveSessions but for the flag.
    std::optional<SessionView> view_;
    std::vector<PendingOrder> orders_;
    std::atomic<bool> has_orders_{false};
  };

  /// Those that have said something, in the order in which they came.
  [[nodiscard]] std::vector<SessionView> list() const;
  /// How many there are in each profile.
  [[nodiscard]] std::array<std::size_t, adapt::kProfiles> by_profile() const;

  /// Hands `order` to a session. The outcome comes when the session's strand has taken it.
  [[nodiscard]] std::future<OrderDone> send(std::uint64_t number, OperatorOrder order);

 private:
  mutable base::Mutex mutex_;
  std::map<std::uint64_t, Seat*> seats_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::session
