#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "engine/network.hpp"
#include "vision/detection.hpp"
#include "vision/geometry.hpp"
#include "vision/hand.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace storysign::vision {

/// Hands that are looked for; one more can be tracked for a while (hands-and-mask.md 4).
inline constexpr std::size_t kMaxHands = 2;

inline constexpr std::array<std::string_view, 2> kPalmDetectionOutputs = {"Identity", "Identity_1"};

/// A list with room for what one frame can hold: two palms and the tracked ones.
template <class T>
class ShortList {
 public:
  static constexpr std::size_t kCapacity = 2 * kMaxHands + 1;

  /// Drops the item if the list is full.
  void push(const T& item) noexcept {
    if (size_ < kCapacity) {
      items_[size_++] = item;
    }
  }
  template <class Predicate>
  void remove_if(Predicate predicate) noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (!predicate(items_[i])) {
        items_[kept++] = items_[i];
      }
    }
    size_ = kept;
  }
  void clear() noexcept { size_ = 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return items_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return items_[i]; }
  [[nodiscard]] const T* begin() const noexcept { return items_.data(); }
  [[nodiscard]] const T* end() const noexcept { return items_.data() + size_; }

 private:
  std::array<T, kCapacity> items_{};
  std::size_t size_ = 0;
};

using Rois = ShortList<Roi>;

/// How often to look for palms while fewer hands than kMaxHands are tracked.
struct PalmSchedule {
  int redetect;      ///< With a hand tracked, look in every n-th frame; 1 is MediaPipe's way.
  int eager_frames;  ///< But in every frame for so many after the number of hands changed.
  int patience;      ///< Without a hand, look in every frame for so many frames ...
  int slow;          ///< ... and in every n-th from then on.
};

/// What MediaPipe Hands does.
inline constexpr PalmSchedule kReferencePalmSchedule{1, 0, 0, 1};
/// The same landmarks for half the cost with one hand in view (hands-and-mask.md 8 and 10).
inline constexpr PalmSchedule kThriftyPalmSchedule{10, 6, 15, 3};

/// The signer's hands; null where absent.
struct HandPair {
  const HandEstimate* left = nullptr;
  const HandEstimate* right = nullptr;
};

/// Follows hands on their own, without a body, as MediaPipe Hands does (hands-and-mask.md 2 to 6).
/// Thread-compatible; part of a HolisticTracker.
class PalmHandsTracker {
 public:
  PalmHandsTracker(float min_detection_confidence, float min_tracking_confidence,
                   const PalmSchedule& schedule);

  /// One frame: at most two hands, each on its side. Valid until the next call. Where a hand is
  /// tracked already, `may_detect` false puts the palm detector off to a later frame.
  base::Result<HandPair> process(const base::ImageView& image, engine::Network& palm_detection,
                                 engine::Network& landmark, bool may_detect);

  /// The hands of the last frame, in an order of their own.
  [[nodiscard]] std::span<const HandEstimate> tracked() const noexcept {
    return {hands_.begin(), hands_.size()};
  }

  /// A frame without the networks: the tracked hand `i` moved by motions[i]. Valid until the next
  /// call.
  HandPair move(std::span<const RigidMotion> motions) noexcept;

  /// Whether process() would look for palms.
  [[nodiscard]] bool wants_detection(bool may_detect) const noexcept;

  /// Forgets everything.
  void reset() noexcept;

  // The stages of process().

  /// Where the palm detector sees hands in the whole picture, best first, at most kMaxHands.
  base::Result<Rois> detect(const base::ImageView& image, engine::Network& palm_detection);

  /// One region per hand: of two that overlap by more than half, the later one stays; tracked ones
  /// come after fresh ones.
  [[nodiscard]] static Rois associate(const Rois& fresh, const Rois& tracked) noexcept;

  /// Gives each of the two surest hands a side: the surest its own, the other what is left where
  /// both would be the same.
  [[nodiscard]] static HandPair assign_sides(std::span<const HandEstimate> hands) noexcept;

 private:
  void note_result(bool detected) noexcept;

  float min_detection_confidence_;
  float min_tracking_confidence_;
  PalmSchedule schedule_;
  DetectionDecoder decoder_;

  Rois tracked_;
  ShortList<HandEstimate> hands_;
  std::size_t last_count_ = 0;
  int steady_frames_ = 0;           ///< Since the number of hands changed.
  int frames_since_detection_ = 1;  ///< As the next frame sees it.
  int empty_frames_ = 0;            ///< In a row.
};

}  // namespace storysign::vision
