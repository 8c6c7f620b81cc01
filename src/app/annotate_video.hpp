#pragma once

#include "app/annotate.hpp"

namespace storysign::app {

/// annotate() for a video file.
[[nodiscard]] base::Result<Summary> annotate_video(const AnnotateOptions& options,
                                                   const StopSignal& stop);

}  // namespace storysign::app
