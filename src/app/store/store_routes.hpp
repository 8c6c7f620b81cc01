#pragma once

#include "base/result.hpp"
#include "server/async_routes.hpp"
#include "store/store.hpp"

#include <nlohmann/json.hpp>

namespace storysign::app {

/// POST and GET /api/attempts. `queue` outlives the server.
void add_attempt_routes(server::AsyncRoutes& api, store::Queue& queue);

/// GET /api/learners/NAME/export and DELETE /api/learners/NAME/data.
void add_learner_routes(server::AsyncRoutes& api, store::Queue& queue);

/// What a client has sent as an attempt, checked; `account_id` and `time` are left for the caller.
/// Fails with a sentence that names the field.
[[nodiscard]] base::Result<store::Attempt> read_attempt(const nlohmann::json& body);

/// A failure of the store as an answer: 404, 409 or 503.
[[nodiscard]] server::ApiResponse store_error(const base::Error& error);
/// The store has too much to do to take this.
[[nodiscard]] server::ApiResponse store_busy();

}  // namespace storysign::app
