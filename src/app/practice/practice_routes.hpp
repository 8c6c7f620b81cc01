#pragma once

#include "app/practice/sign_shelf.hpp"
#include "base/result.hpp"
#include "practice/progress.hpp"
#include "server/async_routes.hpp"
#include "store/store.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::app {

/// GET /api/signs, GET and DELETE /api/signs/GLOSS. `shelf` and `queue` outlive the server.
void add_sign_routes(server::AsyncRoutes& api, SignShelf& shelf, store::Queue& queue);

/// /api/lessons and /api/lessons/ID.
void add_lesson_routes(server::AsyncRoutes& api, const SignShelf& shelf, store::Queue& queue);

/// GET /api/progress and /api/class.
void add_progress_routes(server::AsyncRoutes& api, store::Queue& queue);

/// A lesson: what a teacher wants practised.
struct Lesson {
  std::string title;
  std::string note;
  std::vector<practice::Item> items;

  friend bool operator==(const Lesson&, const Lesson&) = default;
};

inline constexpr std::size_t kLongestTitle = 80;  ///< Characters.
inline constexpr std::size_t kLongestNote = 500;
inline constexpr std::size_t kMostLessonItems = 50;
inline constexpr std::size_t kMostLessons = 500;

/// What a client has sent as a lesson, checked: {"title","note"?,"items":[{"kind","target"}]}; a
/// sign must be in `signs`. Fails with a sentence that names the field. "updated" is for the
/// caller.
[[nodiscard]] base::Result<Lesson> read_lesson(const nlohmann::json& body,
                                               const practice::SignLibrary& signs);

/// The attempt as practice sees it, if it is one at a sign or at letters.
[[nodiscard]] std::optional<practice::Try> try_of(const store::Attempt& attempt);

/// The name to show of whoever recorded or wrote something; nothing for the guest and for an
/// account that is gone. On the store's thread.
[[nodiscard]] nlohmann::json display_name(store::Store& store,
                                          const std::optional<std::string>& account_id);

}  // namespace storysign::app
