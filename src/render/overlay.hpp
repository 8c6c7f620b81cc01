#pragma once

#include "base/image.hpp"
#include "render/raster.hpp"
#include "vision/landmarks.hpp"

namespace storysign::render {

struct OverlayOptions {
  bool pose = true;
  bool hands = true;
  bool face = true;
  float min_visibility =
      0.5F;  ///< 0..1: body points less visible are not drawn, nor lines to them.
};

/// Draws landmarks with MediaPipe's usual look (the default styles of drawing_styles.py, 0.10.21).
/// As in MediaPipe's Holistic demo, the body's own few points on a face or a hand are left out
/// where that face or hand is drawn, and the forearm then ends at the hand's wrist. Has no state:
/// may be shared by threads.
class OverlayRenderer {
 public:
  explicit OverlayRenderer(const OverlayOptions& options = {}) : options_(options) {}

  /// Draws `landmarks` onto `image`. Line widths are MediaPipe's at 640 x 480 and grow with the
  /// picture's diagonal, but are never under one pixel. What lies outside the picture is clipped;
  /// points that are not finite are left out. Allocates nothing.
  void draw(const vision::FrameLandmarks& landmarks,
            const base::MutableImageView& image) const noexcept;

 private:
  OverlayOptions options_;
};

}  // namespace storysign::render
