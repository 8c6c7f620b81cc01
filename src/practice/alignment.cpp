#include "practice/alignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace storysign::practice {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// What a frame costs that is left out at an end: above what frames of one sign differ by, below
// what those of two do.
constexpr float kLeftOut = 0.30F;
// What a frame costs, beside its distance, that shares its partner with another: without it a path
// could stay at one good frame.
constexpr float kStretch = 0.02F;

enum Step : std::uint8_t { kStart, kBoth, kReferenceOnly, kAttemptOnly };

/// The band: columns (frames of the attempt) that a row (frame of the reference) may be matched to.
struct Band {
  std::size_t rows;
  std::size_t columns;
  std::size_t open_rows;  // Frames that may be left out at an end.
  std::size_t open_columns;
  float slope;
  float reach;

  Band(std::size_t n, std::size_t m)
      : rows(n),
        columns(m),
        open_rows(n / 5),
        open_columns(m / 5),
        slope(static_cast<float>(m) / static_cast<float>(n)),
        reach(std::max(3.0F, static_cast<float>(m) / 4.0F)) {}

  [[nodiscard]] std::size_t first(std::size_t row) const noexcept {
    const float at = static_cast<float>(row) * slope - reach;
    return at <= 0.0F ? 0 : std::min(static_cast<std::size_t>(at), columns - 1);
  }
  [[nodiscard]] std::size_t last(std::size_t row) const noexcept {
    const float at = static_cast<float>(row) * slope + reach;
    return std::min(static_cast<std::size_t>(at), columns - 1);
  }
};

float combined(const ChannelDistances& d) noexcept {
  return kShapeWeight * d.shape + kLocationWeight * d.location + kMovementWeight * d.movement;
}

float total_weight(const ClipFeatures& clip) noexcept {
  float sum = 0.0F;
  for (const FrameFeatures& frame : clip.frames) {
    sum += frame.weight;
  }
  return sum;
}

/// What is left out before frame i of a clip, for i = 0 to all.
std::vector<float> left_out_before(const ClipFeatures& clip) {
  std::vector<float> out(clip.frames.size() + 1);
  for (std::size_t i = 0; i < clip.frames.size(); ++i) {
    out[i + 1] = out[i] + clip.frames[i].weight * kLeftOut;
  }
  return out;
}

/// One run of dynamic programming. Keeps the steps only if asked to.
class Warp {
 public:
  Warp(const ClipFeatures& reference, const ClipFeatures& attempt, bool keeps_steps)
      : reference_(reference),
        attempt_(attempt),
        what_(comparison_of(reference, attempt)),
        band_(reference.frames.size(), attempt.frames.size()),
        total_(total_weight(reference) + total_weight(attempt)),
        rows_left_out_(left_out_before(reference)),
        columns_left_out_(left_out_before(attempt)),
        above_(band_.columns, kInfinity),
        row_(band_.columns, kInfinity) {
    if (keeps_steps) steps_.resize(band_.rows * band_.columns, kStart);
  }

  /// The distance, or something not below `limit`.
  float run(float limit) {
    const float most = limit * total_;
    for (std::size_t i = 0; i < band_.rows; ++i) {
      float least = fill_row(i);
      finish_row(i);
      // Whatever comes from this row can only cost more; a path may also start further down.
      if (i < band_.open_rows) least = std::min(least, rows_left_out_[i + 1]);
      if (std::min(least, best_) >= most) return limit;
      std::swap(above_, row_);
      std::fill(row_.begin(), row_.end(), kInfinity);
    }
    return best_ / total_;
  }

  [[nodiscard]] std::vector<AlignmentStep> path() const {
    std::vector<AlignmentStep> out;
    if (best_ == kInfinity) return out;
    AlignmentStep at = end_;
    while (true) {
      out.push_back(at);
      const std::uint8_t step = steps_[at.reference * band_.columns + at.attempt];
      if (step == kStart) break;
      if (step != kAttemptOnly) --at.reference;
      if (step != kReferenceOnly) --at.attempt;
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

 private:
  /// Fills row i from the one above; returns its least value.
  float fill_row(std::size_t i) {
    const FrameFeatures& a = reference_.frames[i];
    float least = kInfinity;
    for (std::size_t j = band_.first(i); j <= band_.last(i); ++j) {
      const FrameFeatures& b = attempt_.frames[j];
      float best = start_cost(i, j);
      std::uint8_t step = kStart;
      const float both = i > 0 && j > 0 ? above_[j - 1] : kInfinity;
      const float down = i > 0 ? above_[j] : kInfinity;
      const float along = j > 0 ? row_[j - 1] : kInfinity;
      if (best == kInfinity && both == kInfinity && down == kInfinity && along == kInfinity) {
        continue;
      }
      const float apart = combined(distances(a, b, what_));
      // A start pays for both of its frames, as a step of both does.
      best += (a.weight + b.weight) * apart;
      take(both + (a.weight + b.weight) * apart, kBoth, best, step);
      take(down + a.weight * (apart + kStretch), kReferenceOnly, best, step);
      take(along + b.weight * (apart + kStretch), kAttemptOnly, best, step);
      row_[j] = best;
      least = std::min(least, best);
      if (!steps_.empty()) steps_[i * band_.columns + j] = step;
    }
    return least;
  }

  static void take(float cost, std::uint8_t step, float& best, std::uint8_t& best_step) noexcept {
    if (cost < best) {
      best = cost;
      best_step = step;
    }
  }

  /// What was left out where a path starts at (i, j).
  [[nodiscard]] float start_cost(std::size_t i, std::size_t j) const noexcept {
    if (i > band_.open_rows || j > band_.open_columns) return kInfinity;
    return rows_left_out_[i] + columns_left_out_[j];
  }

  /// Looks for a path that may end in row i.
  void finish_row(std::size_t i) {
    if (i + 1 + band_.open_rows < band_.rows) return;
    const float rows_after = rows_left_out_.back() - rows_left_out_[i + 1];
    for (std::size_t j = band_.columns - 1 - std::min(band_.open_columns, band_.columns - 1);
         j < band_.columns; ++j) {
      const float cost = row_[j] + rows_after + columns_left_out_.back() - columns_left_out_[j + 1];
      if (cost < best_) {
        best_ = cost;
        end_ = {.reference = i, .attempt = j};
      }
    }
  }

  // Given.
  const ClipFeatures& reference_;
  const ClipFeatures& attempt_;
  Comparison what_;
  Band band_;
  float total_;
  std::vector<float> rows_left_out_;
  std::vector<float> columns_left_out_;
  // State.
  std::vector<float> above_;
  std::vector<float> row_;
  std::vector<std::uint8_t> steps_;
  float best_ = kInfinity;
  AlignmentStep end_;
};

/// Where the palm of one hand goes.
struct Box {
  float left = kInfinity;
  float right = -kInfinity;
  float top = kInfinity;
  float bottom = -kInfinity;
  bool is_whole = true;  // The palm was known in every frame.

  void take(const HandFeatures& hand) noexcept {
    is_whole = is_whole && hand.has_location;
    left = std::min(left, hand.location[0]);
    right = std::max(right, hand.location[0]);
    top = std::min(top, hand.location[1]);
    bottom = std::max(bottom, hand.location[1]);
  }
  [[nodiscard]] float distance_to(const HandFeatures& hand) const noexcept {
    if (!is_whole || !hand.has_location) return 0.0F;
    const float x = std::max({left - hand.location[0], hand.location[0] - right, 0.0F});
    const float y = std::max({top - hand.location[1], hand.location[1] - bottom, 0.0F});
    return std::min(std::sqrt(kPalmShare * (x * x + y * y)), 1.0F);
  }
};

}  // namespace

Comparison comparison_of(const ClipFeatures& reference, const ClipFeatures& attempt) noexcept {
  Comparison out;
  out.use_depth = reference.has_depth && attempt.has_depth;
  out.hands = reference.used;
  for (std::size_t side = 0; side < 2; ++side) {
    out.surplus[side] = attempt.used[side] && !reference.used[side];
  }
  return out;
}

float lower_bound(const ClipFeatures& reference, const ClipFeatures& attempt) noexcept {
  const Comparison what = comparison_of(reference, attempt);
  std::array<Box, 2> boxes;
  for (const FrameFeatures& frame : reference.frames) {
    for (std::size_t side = 0; side < 2; ++side) {
      boxes[side].take(frame.hands[side]);
    }
  }
  const float hands = what.hands[0] && what.hands[1] ? 2.0F : 1.0F;
  float sum = 0.0F;
  for (const FrameFeatures& frame : attempt.frames) {
    float location = 0.0F;
    for (std::size_t side = 0; side < 2; ++side) {
      if (what.hands[side]) location += boxes[side].distance_to(frame.hands[side]) / hands;
    }
    sum += frame.weight * std::min(kLocationWeight * location, kLeftOut);
  }
  return sum / (total_weight(reference) + total_weight(attempt));
}

float align_distance(const ClipFeatures& reference, const ClipFeatures& attempt, float limit) {
  if (reference.frames.empty() || attempt.frames.empty()) return 1.0F;
  if (lower_bound(reference, attempt) >= limit) return limit;
  return std::min(Warp(reference, attempt, false).run(limit), 1.0F);
}

Alignment align(const ClipFeatures& reference, const ClipFeatures& attempt) {
  Alignment out;
  if (reference.frames.empty() || attempt.frames.empty()) return out;
  Warp warp(reference, attempt, true);
  out.distance = std::min(warp.run(kInfinity), 1.0F);
  out.path = warp.path();
  const Comparison what = comparison_of(reference, attempt);
  float weights = 0.0F;
  for (const auto& [i, j] : out.path) {
    const FrameFeatures& a = reference.frames[i];
    const FrameFeatures& b = attempt.frames[j];
    const ChannelDistances d = distances(a, b, what);
    const float weight = a.weight + b.weight;
    out.channels.shape += d.shape * weight;
    out.channels.location += d.location * weight;
    out.channels.movement += d.movement * weight;
    weights += weight;
  }
  if (weights > 0.0F) {
    out.channels.shape /= weights;
    out.channels.location /= weights;
    out.channels.movement /= weights;
  }
  return out;
}

}  // namespace storysign::practice
