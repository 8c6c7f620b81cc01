#pragma once

#include <cstdint>

namespace storysign::vision {

class Networks;

/// A part of one frame's work that another worker may do: a hand or the face. It belongs to the
/// tracker, which is the only one to offer it, and touches nothing that the tracker uses between
/// offer() and take_back().
class PartJob {
 public:
  PartJob() = default;
  PartJob(const PartJob&) = delete;
  PartJob& operator=(const PartJob&) = delete;
  PartJob(PartJob&&) = delete;
  PartJob& operator=(PartJob&&) = delete;
  virtual ~PartJob() = default;

  /// Does the work with the networks of the worker that calls; a failure is kept for the tracker.
  virtual void run(Networks& networks) noexcept = 0;

  /// For the PartsHelper alone, guarded by whatever it locks: where the job is.
  enum class State : std::uint8_t { kOwn, kOffered, kTaken, kDone };
  State state = State::kOwn;
};

/// Other workers that may have time for parts of a frame. Implemented by whoever has threads; the
/// tracker works without one. One thread at a time for one frame.
class PartsHelper {
 public:
  PartsHelper() = default;
  PartsHelper(const PartsHelper&) = delete;
  PartsHelper& operator=(const PartsHelper&) = delete;
  PartsHelper(PartsHelper&&) = delete;
  PartsHelper& operator=(PartsHelper&&) = delete;
  virtual ~PartsHelper() = default;

  /// Makes `job` known; it stays in place until take_back(). Never blocks.
  virtual void offer(PartJob& job) noexcept = 0;

  /// Ends an offer. True: nobody has begun the job, and nobody will; the caller does it. False: it
  /// is done; if somebody was at it, this has waited.
  [[nodiscard]] virtual bool take_back(PartJob& job) noexcept = 0;
};

}  // namespace storysign::vision
