#include "app/serve/session_factory.hpp"

#include "app/serve/part_options.hpp"
#include "auth/roles.hpp"
#include "session/refusal.hpp"
#include "session/session.hpp"

#include <utility>

namespace storysign::app {
namespace {

std::shared_ptr<session::Context> with_settings(const session::Context& parts,
                                                const config::Settings& settings) {
  auto out = std::make_shared<session::Context>(parts);
  out->info = server_info(settings);
  out->limits = session_limits(settings);
  out->quality = quality_settings(settings);
  out->practising.gestures = gesture_rules(settings);
  out->model_complexity = settings.mediapipe.model_complexity;
  return out;
}

/// Keeps the context alive; the first base, so that it goes last.
struct Holder {
  std::shared_ptr<session::Context> context;
};

/// A conversation together with the context that it began with.
template <class Base>
class Held final : private Holder, public Base {
 public:
  template <class... Arguments>
  explicit Held(std::shared_ptr<session::Context> held, Arguments&&... arguments)
      : Holder{std::move(held)}, Base(*Holder::context, std::forward<Arguments>(arguments)...) {}
};

}  // namespace

SessionFactory::SessionFactory(const session::Context& context, const config::Settings& settings)
    : buffers_(context.pipeline.buffers()), context_(with_settings(context, settings)) {}

void SessionFactory::configure(const config::Settings& settings) {
  auto fresh = with_settings(*context(), settings);
  const base::MutexLock lock(mutex_);
  context_.swap(fresh);
}

std::unique_ptr<session::Conversation> SessionFactory::create(const session::Client& client,
                                                              std::shared_ptr<session::Waker> waker,
                                                              base::SteadyTime now) {
  auto current = context();
  const bool needs_room = current->governor.takes_pictures() && !client.sends_landmarks;
  if (needs_room && current->limits.admission) {
    const adapt::Admission admission =
        current->governor.admit(current->pipeline.load().channels, now);
    if (!admission.admitted()) return refuse(client, admission.sentence);
  }
  session::Client known = client;
  if (known.account_id.empty()) {
    known.account_id = auth::kGuestId;
    known.may_teach = auth::may(auth::guest(), auth::Right::kTeach);
  }
  return std::make_unique<Held<session::Session>>(std::move(current), known, std::move(waker), now);
}

std::unique_ptr<session::Conversation> SessionFactory::refuse(const session::Client& client,
                                                              const std::string& why) {
  return std::make_unique<Held<session::Refusal>>(context(), client, why);
}

std::shared_ptr<session::Context> SessionFactory::context() const {
  const base::MutexLock lock(mutex_);
  return context_;
}

}  // namespace storysign::app
