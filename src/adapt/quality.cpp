#include "adapt/quality.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::adapt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kWindow{1};
constexpr milliseconds kJudgeEvery{250};
constexpr std::size_t kFewestAnswers = 4;
// How long a cause must last before quality gives way. Below it a single slow frame would count.
constexpr milliseconds kOwnPatience{250};
// Time for the process to share the load out before everybody gives way at once.
constexpr seconds kSharedPatience{3};
// Far beyond the target two levels at a time.
constexpr double kFarBeyond = 2.0;
// Between this part of the target and the target nothing changes.
constexpr double kCalmBelow = 0.7;
constexpr int kCalmJudgements = 16;  // 4 s.
// A worse frame costs about twice the mean (bench/sim/model.hpp has the measured spread).
constexpr double kTailOfMean = 2.0;
constexpr double kMeanIsHeavy = 0.5;
constexpr double kUpMargin = 0.95;
// requirements.md allows 5 % of frames without an answer.
constexpr double kTooManyDrops = 0.05;
constexpr double kFewDrops = 0.02;
constexpr double kDrains = 0.1;  // Of the target, in half a second.
constexpr double kBacklogIsNetwork = 0.3;
constexpr double kLittleBacklog = 0.1;
constexpr double kNetworkPart = 0.3;
constexpr seconds kReportValid{5};
constexpr seconds kFirstRetry{10};
constexpr seconds kLongestRetry{60};
constexpr int kRetryGrowth = 3;
constexpr seconds kFailsSoon{10};
constexpr seconds kForget{180};
constexpr seconds kLinkRateValid{60};
constexpr seconds kCeilingRiseLasts{1};
constexpr seconds kCeilingRiseProves{5};
// A level that was lost to the ceiling, or soon after it was reached, is not taken again for a
// while: so nobody changes more than twice a minute.
constexpr seconds kFlips{60};
constexpr seconds kAfterFlip{60};
constexpr int kLargestSkip = 30;

// Size of a picture at each level as part of high_quality's: bench_codec's bytes for the table's
// JPEG qualities, times the square of the scale.
constexpr std::array<double, kProfiles> kPictureSize{0.16, 0.30, 0.52, 1.0};
// CPU of a frame at each level as part of high_quality's; the process knows better, this only
// keeps a session from trying what cannot fit.
constexpr std::array<double, kProfiles> kServiceTime{0.38, 0.5, 0.85, 1.0};

float to_ms(std::chrono::microseconds time) noexcept {
  return static_cast<float>(std::max(time.count(), std::chrono::microseconds::rep{0})) / 1000.0F;
}

/// Reorders the values.
double percentile95(float* values, std::size_t count) noexcept {
  const auto rank = static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(count))) - 1;
  std::nth_element(values, values + rank, values + count);
  return static_cast<double>(values[rank]);
}

double ratio_up(const std::array<double, kProfiles>& cost, int level) noexcept {
  const auto at = static_cast<std::size_t>(level);
  return cost[at + 1] / cost[at];
}

}  // namespace

QualityController::QualityController(const QualityOptions& options, base::SteadyTime now) noexcept
    : options_(options),
      own_level_(level_of(options.start)),
      pinned_(options.pinned),
      judged_(now),
      cause_since_(now) {
  quality_.profile = pinned_.value_or(options.start);
  quality_.reason = pinned_ ? Reason::kPinned : Reason::kStart;
  derive();
}

void QualityController::on_answer(const AnswerObservation& answer, base::SteadyTime now) noexcept {
  Sample sample;
  sample.at = now;
  sample.age = to_ms(answer.age);
  sample.queue = to_ms(answer.queue);
  sample.service = to_ms(answer.service);
  sample.elsewhere = std::max(0.0F, sample.age - sample.queue - sample.service);
  sample.bytes = static_cast<float>(answer.bytes);
  sample.dropped = answer.dropped;
  sample.backlog = answer.backlog;
  sample.has_picture = answer.has_picture;
  newest_ = (newest_ + 1) % kSamples;
  samples_[newest_] = sample;
  count_ = std::min(count_ + 1, kSamples);

  if (now - judged_ < kJudgeEvery) return;
  judged_ = now;
  Window window;
  if (!look(now, window)) return;
  judge(window, now);
}

void QualityController::on_report(const ClientReport& report, base::SteadyTime now) noexcept {
  report_ = report;
  report_at_ = now;
}

void QualityController::on_ceiling(int level, Reason reason, base::SteadyTime now) noexcept {
  const int wanted = std::clamp(level, 0, kHighestLevel);
  if (wanted <= ceiling_) {
    ceiling_above_since_.reset();
    if (wanted == ceiling_) return;
    ceiling_ = wanted;
    put_in_force(reason, now);
    return;
  }
  if (!ceiling_above_since_) ceiling_above_since_ = now;
  const bool wary = flipped_lately(now);
  if (now - *ceiling_above_since_ < (wary ? kCeilingRiseProves : kCeilingRiseLasts)) return;
  // With room for everybody there is nothing to flip between.
  if (wary && reason != Reason::kHeadroom) return;
  ceiling_above_since_.reset();
  ceiling_ = wanted;
  put_in_force(Reason::kHeadroom, now);
}

void QualityController::on_eased() noexcept {
  failed_level_ = kHighestLevel + 1;
  retry_span_ = seconds(0);
  stepped_up_at_.reset();
  flipped_at_.reset();
}

void QualityController::pin(Profile profile, Reason by, base::SteadyTime now) noexcept {
  pinned_ = profile;
  pinned_by_ = by;
  put_in_force(by, now);
  raised_at_.reset();  // A choice is no try.
  quality_.reason = by;
}

void QualityController::set_auto(base::SteadyTime now) noexcept {
  if (!pinned_) return;
  own_level_ = level_of(quality_.profile);
  pinned_.reset();
  put_in_force(Reason::kHeadroom, now);
}

void QualityController::set_skip(std::optional<int> frame_skip) noexcept {
  skip_ = frame_skip;
  if (skip_) skip_ = std::clamp(*skip_, 0, kLargestSkip);
  derive();
}

void QualityController::set_excess(double excess) noexcept {
  excess_ = std::max(1.0, excess);
  derive();
}

void QualityController::set_options(const QualityOptions& options, base::SteadyTime now) noexcept {
  const bool mode_changed = options.pinned != options_.pinned;
  const bool adaptive_changed = options.adaptive != options_.adaptive;
  options_ = options;
  const bool is_free = !pinned_ || pinned_by_ == Reason::kPinned;
  if (mode_changed && is_free && options.pinned) {
    pin(*options.pinned, Reason::kPinned, now);
  } else if (mode_changed && is_free) {
    set_auto(now);
  }
  if (adaptive_changed || (mode_changed && !options.adaptive)) {
    if (!options.adaptive) own_level_ = level_of(options.start);
    put_in_force(Reason::kOperator, now);
  }
  derive();
}

bool QualityController::look(base::SteadyTime now, Window& window) const noexcept {
  std::array<float, kSamples> ages;
  std::array<float, kSamples> queues;
  std::array<float, kSamples> elsewheres;
  std::size_t n = 0;
  double service = 0.0;
  double bytes = 0.0;
  double dropped = 0.0;
  double backlog = 0.0;
  for (; n < count_; ++n) {
    const Sample& sample = samples_[(newest_ + kSamples - n) % kSamples];
    if (now - sample.at > kWindow) break;
    ages[n] = sample.age;
    queues[n] = sample.queue;
    elsewheres[n] = sample.elsewhere;
    service += static_cast<double>(sample.service);
    bytes += static_cast<double>(sample.bytes);
    dropped += sample.dropped;
    backlog += sample.backlog ? 1.0 : 0.0;
    window.has_picture = window.has_picture || sample.has_picture;
  }
  if (n < kFewestAnswers) return false;

  const auto answers = static_cast<double>(n);
  double newer = 0.0;
  double older = 0.0;
  const std::size_t half = n / 2;
  for (std::size_t i = 0; i < n; ++i) (i < half ? newer : older) += static_cast<double>(ages[i]);
  window.growth = newer / static_cast<double>(half) - older / static_cast<double>(n - half);
  window.service_mean = service / answers;
  window.drop_share = dropped / (dropped + answers);
  window.backlog_share = backlog / answers;
  // Of the answers after the oldest one: the time before it is not known.
  const base::SteadyTime oldest = samples_[(newest_ + kSamples - (n - 1)) % kSamples].at;
  const double span = std::chrono::duration<double>(now - oldest).count();
  if (span > 0.0) window.bytes_per_second = bytes * (answers - 1.0) / answers / span;
  window.age95 = percentile95(ages.data(), n);
  window.queue95 = percentile95(queues.data(), n);
  window.elsewhere95 = percentile95(elsewheres.data(), n);
  return true;
}

bool QualityController::report_is_bad(const Window& window, base::SteadyTime now) const noexcept {
  if (now - report_at_ > kReportValid) return false;
  const auto target = static_cast<double>(options_.target.count());
  if (report_.network_latency && static_cast<double>(to_ms(*report_.network_latency)) > target) {
    return true;
  }
  return report_.throughput && window.bytes_per_second > 0.0 &&
         *report_.throughput < 0.9 * window.bytes_per_second;
}

void QualityController::judge(const Window& window, base::SteadyTime now) noexcept {
  const auto target = static_cast<double>(options_.target.count());
  const bool bad_report = report_is_bad(window, now);
  network_bound_ = bad_report || window.backlog_share > kBacklogIsNetwork ||
                   (window.elsewhere95 > kNetworkPart * target &&
                    window.elsewhere95 > window.queue95 + window.service_mean);
  const bool late =
      window.age95 + std::max(0.0, window.growth) > target && window.age95 > kCalmBelow * target;
  const bool over = late || bad_report || window.drop_share > kTooManyDrops;

  Cause cause = Cause::kNone;
  if (over) {
    cause = network_bound_                                ? Cause::kNetwork
            : window.service_mean > kMeanIsHeavy * target ? Cause::kOwn
                                                          : Cause::kShared;
  }
  if (cause != last_cause_) {
    last_cause_ = cause;
    cause_since_ = now;
  }
  if (!options_.adaptive || pinned_) return;

  if (cause != Cause::kNone) {
    calm_ = 0;
    // What already gets better, as a full way that drains after a step down, is left to do so.
    if (window.growth < -kDrains * target) return;
    const auto lasted = now - cause_since_;
    if (lasted >= (cause == Cause::kShared ? milliseconds(kSharedPatience) : kOwnPatience)) {
      step_down(cause, window, now);
    }
    return;
  }
  const bool calm = window.age95 < kCalmBelow * target && window.drop_share < kFewDrops &&
                    window.backlog_share < kLittleBacklog;
  if (calm && ++calm_ >= kCalmJudgements) step_up_if_it_fits(window, now);
}

void QualityController::step_down(Cause cause, const Window& window,
                                  base::SteadyTime now) noexcept {
  // Without a picture a lower profile does nothing for a slow network; the frame rate does.
  if (cause == Cause::kNetwork && !window.has_picture) return;
  const int in_force = level_of(quality_.profile);
  if (in_force == 0) return;
  if (cause != Cause::kShared) remember_failure(now);
  // With answers waiting all the time, what gets through is what the way can carry.
  if (window.backlog_share > kBacklogIsNetwork) {
    link_rate_ = window.bytes_per_second;
    link_rate_at_ = now;
  }
  const auto target = static_cast<double>(options_.target.count());
  // Back to where it was well, if it came from there just now.
  const bool was_raised = raised_at_ && now - *raised_at_ < kFailsSoon;
  const bool far = window.age95 > kFarBeyond * target && !was_raised;
  own_level_ = std::max(0, in_force - (far ? 2 : 1));
  const Reason by_server = window.drop_share > kTooManyDrops ? Reason::kDrops : Reason::kLatency;
  put_in_force(cause == Cause::kNetwork ? Reason::kNetwork : by_server, now);
}

void QualityController::remember_failure(base::SteadyTime now) noexcept {
  const bool forgotten = retry_span_.count() == 0 || now - failed_at_ > kForget;
  const bool retry_failed = stepped_up_at_ && now - *stepped_up_at_ < kFailsSoon;
  if (forgotten) {
    retry_span_ = kFirstRetry;
  } else if (retry_failed) {
    retry_span_ = std::min(kRetryGrowth * retry_span_, kLongestRetry);
  }
  stepped_up_at_.reset();  // One failure, however many steps it takes down.
  failed_level_ = level_of(quality_.profile);
  failed_at_ = now;
}

void QualityController::step_up_if_it_fits(const Window& window, base::SteadyTime now) noexcept {
  // A level that the ceiling hides would show nothing about itself.
  if (own_level_ >= kHighestLevel || own_level_ >= ceiling_) return;
  if (flipped_lately(now) && (!flipped_by_ceiling_ || ceiling_ < kHighestLevel)) return;
  if (own_level_ + 1 >= failed_level_ && now - failed_at_ < retry_span_) return;
  const auto target = static_cast<double>(options_.target.count());
  const double bytes = window.bytes_per_second * ratio_up(kPictureSize, own_level_);
  if (link_rate_ && now - link_rate_at_ < kLinkRateValid && bytes > *link_rate_) return;
  const double size = window.has_picture ? ratio_up(kPictureSize, own_level_) : 1.0;
  const double service = window.service_mean * ratio_up(kServiceTime, own_level_);
  if (service > kMeanIsHeavy * target ||
      kTailOfMean * service + window.queue95 + size * window.elsewhere95 > kUpMargin * target) {
    return;
  }
  if (now - failed_at_ > kForget) failed_level_ = kHighestLevel + 1;
  ++own_level_;
  stepped_up_at_ = now;
  put_in_force(Reason::kHeadroom, now);
}

bool QualityController::flipped_lately(base::SteadyTime now) const noexcept {
  return flipped_at_ && now - *flipped_at_ < kAfterFlip;
}

void QualityController::put_in_force(Reason reason, base::SteadyTime now) noexcept {
  int level = own_level_;
  if (pinned_) level = level_of(*pinned_);
  const bool under_ceiling = options_.adaptive && (!pinned_ || pinned_by_ == Reason::kClient);
  if (under_ceiling) level = std::min(level, ceiling_);
  if (level != level_of(quality_.profile)) {
    const bool by_ceiling = level < own_level_;
    if (level > level_of(quality_.profile)) {
      raised_at_ = now;
    } else if (by_ceiling || (raised_at_ && now - *raised_at_ < kFlips)) {
      flipped_at_ = now;
      flipped_by_ceiling_ = by_ceiling;
    }
    quality_.profile = profile_at(level);
    quality_.reason = reason;
    ++quality_.changes;
    // What was seen belongs to the level before.
    count_ = 0;
    calm_ = 0;
    last_cause_ = Cause::kNone;
    cause_since_ = now;
    judged_ = now + kJudgeEvery;
  }
  derive();
}

void QualityController::derive() noexcept {
  const ProfileSettings& settings = settings_of(quality_.profile);
  quality_.frame_skip = skip_.value_or(settings.frame_skip);
  if (!pinned_ || pinned_by_ != Reason::kOperator) {
    const long period = std::max(1, quality_.frame_skip);
    const long thinned = std::lround(static_cast<double>(period) * excess_);
    if (thinned > period) {
      quality_.frame_skip = static_cast<int>(std::min<long>(thinned, kLargestSkip));
    }
  }
  quality_.jpeg_quality = std::min(settings.jpeg_quality, options_.max_jpeg_quality);
  quality_.resolution_scale = settings.resolution_scale;
  quality_.is_auto = !pinned_;
}

}  // namespace storysign::adapt
