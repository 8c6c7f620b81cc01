#pragma once

#include "app/load/frames.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <memory>

namespace storysign::app {

/// Frames of landmarks, as a browser sends them that runs the tracker itself: found with the fast
/// mode, profile balanced, the face with its points. What belongs to one sending is still to be
/// stamped (wire::stamp_landmark_frame()). `models` is the folder of the .tflite files;
/// `quick_hands` is performance.quick_hands. Takes about a second and some 100 MB, until the coder
/// goes. Fails as engine::Engine::create() does.
[[nodiscard]] base::Result<std::unique_ptr<FrameCoder>> make_landmark_coder(
    const std::filesystem::path& models, bool quick_hands);

}  // namespace storysign::app
