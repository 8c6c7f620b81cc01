#pragma once

#include "base/result.hpp"
#include "practice/sign.hpp"

#include <functional>
#include <memory>
#include <string>

namespace storysign::session {

/// The signs that learners are compared with. Any thread; outlives the sessions.
class Signs {
 public:
  Signs() = default;
  Signs(const Signs&) = delete;
  Signs& operator=(const Signs&) = delete;
  Signs(Signs&&) = delete;
  Signs& operator=(Signs&&) = delete;
  virtual ~Signs() = default;

  /// As they are now; never null. shared_ptr because an attempt is judged by the signs of its time,
  /// whatever is recorded meanwhile.
  [[nodiscard]] virtual std::shared_ptr<const practice::SignLibrary> snapshot() const = 0;

  /// Keeps a sign in the name of an account, in the place of one with the same gloss. `done` is
  /// called once, from any thread: success when it is durable and in the next snapshot().
  virtual void save(const practice::SignReference& sign, const std::string& account_id,
                    std::function<void(base::Result<void>)> done) = 0;
};

}  // namespace storysign::session
