#pragma once

#include "app/annotate.hpp"

namespace storysign::app {

/// annotate() for one picture file, or for all pictures of a folder in the order of their names.
/// Each picture stands for itself. In an output folder a picture keeps its name and format; those
/// that cannot be written as what they were get ".png" appended.
[[nodiscard]] base::Result<Summary> annotate_pictures(const AnnotateOptions& options,
                                                      bool is_folder, const StopSignal& stop);

}  // namespace storysign::app
