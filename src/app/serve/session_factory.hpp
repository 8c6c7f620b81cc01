#pragma once

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "config/settings.hpp"
#include "session/context.hpp"
#include "session/conversation.hpp"

#include <memory>
#include <string>

namespace storysign::app {

/// Makes the conversations of the server, by the settings that are in force when each begins. Owned
/// by the service; any thread.
class SessionFactory : public session::ConversationFactory {
 public:
  /// `context` names the parts that sessions work with, which outlive the sessions; what the
  /// settings say in it is filled in here.
  SessionFactory(const session::Context& context, const config::Settings& settings);

  /// For conversations to come; those under way go on as they began.
  void configure(const config::Settings& settings);

  std::unique_ptr<session::Conversation> create(const session::Client& client,
                                                std::shared_ptr<session::Waker> waker,
                                                base::SteadyTime now) override;
  std::unique_ptr<session::Conversation> refuse(const session::Client& client,
                                                const std::string& why) override;
  base::BytesPool& buffers() noexcept override { return buffers_; }

  /// What the next conversation gets.
  [[nodiscard]] std::shared_ptr<session::Context> context() const;

 private:
  // Given.
  base::BytesPool& buffers_;
  // State.
  mutable base::Mutex mutex_;
  /// shared_ptr because a session goes on with the one that it began with.
  std::shared_ptr<session::Context> context_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::app
