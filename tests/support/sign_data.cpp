#include "support/sign_data.hpp"

#include "support/npz.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <random>
#include <utility>

namespace storysign::test {
namespace {

using practice::Observation;
using practice::Recording;

std::chrono::microseconds at_seconds(double seconds) {
  return std::chrono::microseconds(static_cast<std::int64_t>(std::llround(seconds * 1e6)));
}

vision::Landmark landmark(const double* p, bool has_depth) {
  return {.x = static_cast<float>(p[0]),
          .y = static_cast<float>(p[1]),
          .z = has_depth ? static_cast<float>(p[2]) : 0.0F};
}

std::optional<vision::Hand> gold_hand(const double* points) {
  if (std::isnan(points[0])) return std::nullopt;
  vision::Hand hand;
  hand.score = 1.0F;
  for (std::size_t i = 0; i < hand.landmarks.size(); ++i) {
    hand.landmarks[i] = landmark(points + 3 * i, true);
  }
  return hand;
}

Observation gold_observation(const Npz& arrays, std::size_t frame) {
  Observation out;
  out.time = at_seconds(static_cast<double>(frame) / 30.0);
  const double* pose = arrays.at("pose").row(frame);
  if (!std::isnan(pose[0])) {
    out.pose.emplace();
    for (std::size_t i = 0; i < out.pose->size(); ++i) {
      const double* p = pose + 4 * i;
      (*out.pose)[i] = {.x = static_cast<float>(p[0]),
                        .y = static_cast<float>(p[1]),
                        .z = static_cast<float>(p[2]),
                        .visibility = static_cast<float>(p[3])};
    }
  }
  out.left_hand = gold_hand(arrays.at("left").row(frame));
  out.right_hand = gold_hand(arrays.at("right").row(frame));
  const double* face = arrays.at("face").row(frame);
  if (!std::isnan(face[0])) {
    out.face.emplace();
    for (std::size_t i = 0; i < practice::kFacePoints; ++i) {
      (*out.face)[i] = landmark(face + std::size_t{3} * practice::kFacePointIndices[i], true);
    }
  }
  return out;
}

bool is_absent(const double* xy) {
  return xy[0] == 0.0 && xy[1] == 0.0;
}

std::optional<vision::Hand> word_hand(const double* points) {
  if (is_absent(points)) return std::nullopt;
  vision::Hand hand;
  hand.score = 1.0F;
  for (std::size_t i = 0; i < hand.landmarks.size(); ++i) {
    hand.landmarks[i] = landmark(points + 2 * i, false);
  }
  return hand;
}

Recording word_recording(const double* pose, const double* hands) {
  Recording out;
  for (std::size_t frame = 0; frame < 20; ++frame) {
    Observation& seen = out.emplace_back();
    seen.time = at_seconds(static_cast<double>(frame) * 0.05);
    const double* body = pose + frame * 50;
    if (!is_absent(body)) {
      seen.pose.emplace();
      for (std::size_t i = 0; i < 25; ++i) {
        (*seen.pose)[i] = {.x = static_cast<float>(body[2 * i]),
                           .y = static_cast<float>(body[2 * i + 1]),
                           .z = 0.0F,
                           .visibility = 1.0F};
      }
    }
    seen.left_hand = word_hand(hands + frame * 84);
    seen.right_hand = word_hand(hands + frame * 84 + 42);
  }
  return out;
}

/// Changes where a landmark is; the same for all but the jitter.
class Mover {
 public:
  Mover(const Variation& how, std::uint64_t seed) : how_(how), random_(seed) {
    const double angle = how.rotation * std::numbers::pi / 180.0;
    cosine_ = std::cos(angle) * how.scale;
    sine_ = std::sin(angle) * how.scale;
  }

  template <class Landmark>
  void move(Landmark& p, float aspect) {
    double x = (static_cast<double>(p.x) - 0.5) * aspect;
    const double y = static_cast<double>(p.y) - 0.5;
    if (how_.mirrored) x = -x;
    const double noise_x = how_.jitter > 0 ? how_.jitter * normal_(random_) : 0.0;
    const double noise_y = how_.jitter > 0 ? how_.jitter * normal_(random_) : 0.0;
    p.x = static_cast<float>((x * cosine_ - y * sine_ + noise_x) / aspect + 0.5 + how_.shift_x);
    p.y = static_cast<float>(x * sine_ + y * cosine_ + noise_y + 0.5 + how_.shift_y);
    p.z = static_cast<float>(p.z * how_.scale);
  }

  void move(Observation& seen) {
    if (seen.pose) {
      for (auto& p : *seen.pose) {
        move(p, seen.aspect);
      }
    }
    for (auto* hand : {&seen.left_hand, &seen.right_hand}) {
      if (!*hand) continue;
      for (auto& p : (*hand)->landmarks) {
        move(p, seen.aspect);
      }
    }
    if (seen.face) {
      for (auto& p : *seen.face) {
        move(p, seen.aspect);
      }
    }
    if (how_.mirrored) swap_sides(seen);
  }

 private:
  static void swap_sides(Observation& seen) {
    std::swap(seen.left_hand, seen.right_hand);
    if (seen.pose) {
      auto& pose = *seen.pose;
      for (std::size_t i = 1; i <= 3; ++i) {
        std::swap(pose[i], pose[i + 3]);
      }
      for (std::size_t i = 7; i + 1 < pose.size(); i += 2) {
        std::swap(pose[i], pose[i + 1]);
      }
    }
    if (!seen.face) return;
    // In the order of kFacePointIndices: brows, eyes, corners of the mouth, temples and cheeks.
    auto& face = *seen.face;
    for (std::size_t i = 0; i < 5; ++i) {
      std::swap(face[i], face[i + 5]);
    }
    for (std::size_t i = 10; i < 14; ++i) {
      std::swap(face[i], face[i + 4]);
    }
    std::swap(face[18], face[19]);
    std::swap(face[28], face[29]);
    std::swap(face[30], face[31]);
  }

  const Variation& how_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  double cosine_ = 1.0;
  double sine_ = 0.0;
};

}  // namespace

const std::vector<std::string>& sign_clip_glosses() {
  static const std::vector<std::string> kGlosses = {
      "again", "book",   "brother", "eat",    "hungry",  "learn",  "milk",
      "no",    "please", "school",  "sister", "student", "thanks", "yes"};
  return kGlosses;
}

base::Result<Recording> read_sign_clip(const std::filesystem::path& data, const std::string& gloss,
                                       int complexity) {
  const std::string name = gloss + (complexity == 0 ? ".c0.npz" : ".c1.npz");
  auto arrays = read_npz(data / "gold" / name);
  if (!arrays) return tl::unexpected(std::move(arrays).error());
  Recording out;
  for (std::size_t i = 0; i < arrays->at("pose").rows(); ++i) {
    out.push_back(gold_observation(*arrays, i));
  }
  return out;
}

base::Result<std::vector<Word>> read_words(const std::filesystem::path& data) {
  auto arrays = read_npz(data / "words" / "traduttore_sequences.npz");
  if (!arrays) return tl::unexpected(std::move(arrays).error());
  const NpyArray& pose = arrays->at("pose_xy");
  const NpyArray& hands = arrays->at("hands_xy");
  const NpyArray& labels = arrays->at("label");
  const NpyArray& signers = arrays->at("signer");
  std::vector<Word> out;
  for (std::size_t i = 0; i < pose.rows(); ++i) {
    Word& word = out.emplace_back();
    const double* label = labels.row(i);
    for (std::size_t k = 0; k < labels.shape.back() && label[k] != 0.0; ++k) {
      word.label += static_cast<char>(label[k]);
    }
    word.signer = static_cast<int>(signers.values[i]);
    word.recording = word_recording(pose.row(i), hands.row(i));
  }
  return out;
}

void SignCounts::add(const practice::Judgement& judged, bool is_right) {
  (is_right ? right : wrong) += 1;
  (is_right ? accepted : wrong_accepted) += judged.accepted ? 1U : 0U;
  // Where nothing could be compared nothing was chosen.
  if (is_right && judged.likelier.empty() && judged.handshape > 0.0) ++chosen;
}

void SignCounts::add(const SignCounts& other) {
  right += other.right;
  accepted += other.accepted;
  chosen += other.chosen;
  wrong += other.wrong;
  wrong_accepted += other.wrong_accepted;
}

double SignCounts::share(std::size_t part, std::size_t all) {
  return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
}

Recording varied(const Recording& recording, const Variation& how, std::uint64_t seed) {
  Recording out;
  if (recording.empty()) return out;
  Mover mover(how, seed);
  std::mt19937_64 random(seed ^ 0x9E3779B97F4A7C15ULL);
  std::uniform_real_distribution<double> any(0.0, 1.0);
  const double length =
      std::chrono::duration<double>(recording.back().time - recording.front().time).count();
  const double phase = any(random);
  double last = -1.0;
  for (const Observation& seen : recording) {
    const double t = std::chrono::duration<double>(seen.time - recording.front().time).count();
    const double share = length > 0.0 ? t / length : 0.0;
    // The swing's derivative is local_tempo at most, so that time goes on.
    const double swing =
        how.local_tempo / (2 * std::numbers::pi) *
        (std::sin(2 * std::numbers::pi * (share + phase)) - std::sin(2 * std::numbers::pi * phase));
    const double time = how.tempo * length * (share + swing);
    if (last >= 0.0 && time - last < 1.0 / how.fps - 1e-6) continue;
    last = time;
    if (any(random) < how.drop) continue;
    Observation moved = seen;
    moved.time = at_seconds(time);
    mover.move(moved);
    out.push_back(std::move(moved));
  }
  return out;
}

Variation any_variation(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  Variation out;
  out.tempo = std::exp(between(std::log(0.6), std::log(1.6)));
  out.local_tempo = between(0.0, 0.3);
  out.scale = std::exp(between(std::log(0.8), std::log(1.25)));
  out.shift_x = between(-0.08, 0.08);
  out.shift_y = between(-0.08, 0.08);
  out.rotation = between(-10.0, 10.0);
  out.jitter = between(0.0, 0.004);
  out.fps = between(10.0, 30.0);
  out.drop = between(0.0, 0.2);
  out.mirrored = seed % 2 == 1;
  return out;
}

}  // namespace storysign::test
