#pragma once

#include "base/clock.hpp"
#include "session/governor.hpp"

#include <cstddef>
#include <string>

namespace storysign::session {

/// Where the landmarks of one session are found: on this server, from its pictures, or at home, by
/// the client itself. Keeps the governor's counts of both. Owned by the session, on its strand.
class Place {
 public:
  /// `governor` outlives this.
  Place(Governor& governor, bool at_home);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  Place(Place&&) = delete;
  Place& operator=(Place&&) = delete;

  [[nodiscard]] bool at_home() const noexcept { return at_home_; }

  /// A frame of landmarks came.
  void go_home();

  /// A picture came of a session that is at home: whether there is room for it beside the
  /// `connected` sessions; if not, why, in a sentence for the learner.
  [[nodiscard]] std::string come_to_server(std::size_t connected, bool has_gate,
                                           base::SteadyTime now);

  /// What the client says of its device: whether it could find landmarks itself.
  void set_capable(bool capable);

  /// True once if it is this session's turn to be invited home.
  [[nodiscard]] bool take_invitation();

 private:
  /// Tells the governor whether it may be invited.
  void count();

  // Given.
  Governor& governor_;
  // State.
  bool at_home_;
  bool is_capable_ = false;
  bool was_invited_ = false;  ///< Since it came to the server.
  bool is_counted_ = false;   ///< As one that may be invited.
};

}  // namespace storysign::session
