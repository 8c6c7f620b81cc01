#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "practice/sign.hpp"
#include "session/signs.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace storysign::app {

/// The signs of this server: those that come with the program, and above them those that teachers
/// have recorded, which are documents of kind "sign" in the store, by their glosses. Other servers
/// of the same store may change them; that is looked for every kRefreshInterval. Any thread, except
/// tick(). What the store's queue still has to do when this ends goes on without it.
class SignShelf : public session::Signs {
 public:
  static constexpr std::chrono::seconds kRefreshInterval{30};
  /// More recorded signs are refused: an attempt is compared with all of them.
  static constexpr std::size_t kMostSigns = 500;
  static constexpr std::size_t kLongestGloss = 64;
  static constexpr std::string_view kKind = "sign";

  /// Of a recorded sign.
  struct Row {
    std::optional<std::string> account_id;  ///< Who recorded it; nothing: the guest.
    store::Time updated;
  };
  using Rows = std::map<std::string, Row, std::less<>>;

  /// Everything outlives this. The first look at the store is asked for at once.
  SignShelf(store::Queue& queue, telemetry::Log& log, practice::SignLibrary built_in,
            base::SteadyTime now);
  SignShelf(const SignShelf&) = delete;
  SignShelf& operator=(const SignShelf&) = delete;
  SignShelf(SignShelf&&) = delete;
  SignShelf& operator=(SignShelf&&) = delete;
  ~SignShelf() override;

  [[nodiscard]] std::shared_ptr<const practice::SignLibrary> snapshot() const override;
  /// Of the recorded signs of the snapshot.
  [[nodiscard]] std::shared_ptr<const Rows> rows() const;

  /// As session::Signs says. Failures: kInvalidInput (no gloss as practice::gloss_of() writes it,
  /// too many signs), and those of the store.
  void save(const practice::SignReference& sign, const std::string& account_id,
            std::function<void(base::Result<void>)> done) override;
  /// The same for taking a recorded sign away; one that comes with the program is there again then.
  /// kNotFound if none is recorded.
  void remove(const std::string& gloss, const std::function<void(base::Result<void>)>& done);

  /// Main thread: looks at the store when it is time.
  void tick(base::SteadyTime now);

 private:
  class Shelf;

  // Given.
  store::Queue& queue_;
  // Owned.
  std::shared_ptr<Shelf> shelf_;  ///< Shared with what waits in the queue.
  // State.
  base::SteadyTime next_refresh_;
};

}  // namespace storysign::app
