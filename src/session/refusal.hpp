#pragma once

#include "session/context.hpp"
#include "session/conversation.hpp"

#include <string>

namespace storysign::session {

/// The conversation with a client for whom there is no room: one message that says why, then close
/// 1013. Owned by its connection.
class Refusal : public Conversation {
 public:
  Refusal(Context& context, const Client& client, const std::string& why);

  void on_message(bool /*is_text*/, base::BytesLease /*message*/,
                  base::SteadyTime /*now*/) override {}
  void on_control_frame(base::SteadyTime /*now*/) override {}
  void on_oversized_message(base::SteadyTime /*now*/) override {}
  void on_tick(base::SteadyTime /*now*/) override {}
  void collect(base::SteadyTime /*now*/) override {}
  void shut_down(base::SteadyTime /*now*/) override {}
  [[nodiscard]] std::optional<Output> next(base::SteadyTime now) override;
  [[nodiscard]] const std::optional<Closing>& closing() const noexcept override { return closing_; }

 private:
  TextLease text_;
  std::optional<Closing> closing_;
};

}  // namespace storysign::session
