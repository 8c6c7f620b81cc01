#pragma once

#include "pipeline/pipeline.hpp"
#include "session/handover.hpp"

#include <utility>

namespace storysign::session {

/// Where workers leave a session's results.
class Arrivals : public pipeline::ResultListener, public Handover<pipeline::ResultLease> {
 public:
  using Handover::Handover;
  /// Any thread.
  void on_result(pipeline::ResultLease result) noexcept override { leave(std::move(result)); }
};

}  // namespace storysign::session
