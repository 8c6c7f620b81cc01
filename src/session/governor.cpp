#include "session/governor.hpp"

#include <algorithm>

namespace storysign::session {

Governor::Governor(const adapt::PressureOptions& options, base::SteadyTime now)
    : pressure_(options, now), gate_(now), options_(options) {}

void Governor::set_options(const adapt::PressureOptions& options) {
  const base::MutexLock lock(mutex_);
  options_ = options;
  pressure_.set_options(options);
}

adapt::PressureOptions Governor::options() const {
  const base::MutexLock lock(mutex_);
  return options_;
}

void Governor::set_quality(const QualitySettings& settings) {
  const base::MutexLock lock(mutex_);
  quality_ = settings;
  ++settings_edition_;
}

QualitySettings Governor::quality() const {
  const base::MutexLock lock(mutex_);
  return quality_;
}

void Governor::report(const Report& answer) {
  const base::MutexLock lock(mutex_);
  auto& work = gathered_.work[static_cast<std::size_t>(answer.profile)];
  ++work.frames;
  work.busy += answer.service;
  if (answer.is_first) {
    ++work.first_frames;
    work.first_busy += answer.service;
  }
  gathered_.dropped += answer.dropped;
  waits_[answers_++ % kWaits] = answer.contended;
}

Governor::Orders Governor::orders_for(std::uint64_t session_number) const {
  const base::MutexLock lock(mutex_);
  return {.ceiling = pressure_.ceiling_for(session_number),
          .reason = pressure_.reason(),
          .fps_cap = pressure_.fps_cap(),
          .fps_floor = pressure_.fps_floor(),
          .eased = pressure_.eased(),
          .settings_edition = settings_edition_,
          .edition = edition_,
          .profile = profile_,
          .frame_skip = frame_skip_};
}

void Governor::set_profile(std::optional<adapt::Profile> profile) {
  const base::MutexLock lock(mutex_);
  profile_ = profile;
  ++edition_;
}

void Governor::set_frame_skip(std::optional<int> frame_skip) {
  const base::MutexLock lock(mutex_);
  frame_skip_ = frame_skip;
  ++edition_;
}

adapt::Admission Governor::admit(std::size_t connected, base::SteadyTime now) {
  const base::MutexLock lock(mutex_);
  adapt::LoadView load = pressure_.load();
  load.connected = at_server(connected);
  adapt::Admission answer = gate_.admit(load, now);
  // Whoever is invited makes room for whoever comes. Each is invited once, so a few that stay all
  // the same do not let in any number.
  if (answer.refusal == adapt::Refusal::kCapacity && invitations_ < willing_) {
    ++invitations_;
    return {};
  }
  return answer;
}

void Governor::count_at_home(int change) {
  const base::MutexLock lock(mutex_);
  at_home_ += static_cast<std::size_t>(change);
}

void Governor::count_willing(int change) {
  const base::MutexLock lock(mutex_);
  willing_ += static_cast<std::size_t>(change);
  invitations_ = std::min(invitations_, willing_);
}

bool Governor::take_invitation() {
  const base::MutexLock lock(mutex_);
  if (invitations_ == 0) return false;
  --invitations_;
  --willing_;
  return true;
}

std::size_t Governor::at_server(std::size_t connected) const {
  return connected - std::min(connected, at_home_);
}

std::chrono::microseconds Governor::wait_p95() {
  const std::size_t count = std::min(answers_, kWaits);
  if (count == 0) {
    return {};
  }
  const auto end = waits_.begin() + static_cast<std::ptrdiff_t>(count);
  const auto at = waits_.begin() + static_cast<std::ptrdiff_t>(count * 95 / 100);
  std::nth_element(waits_.begin(), at, end);
  return *at;
}

void Governor::observe(const Machine& machine, base::SteadyTime now) {
  const base::MutexLock lock(mutex_);
  gathered_.cpu = machine.cpu;
  gathered_.workers = machine.workers;
  gathered_.cores = machine.cores;
  gathered_.memory_mib = machine.memory_mib;
  gathered_.sessions = at_server(machine.sessions);
  gathered_.willing = willing_ - invitations_;
  gathered_.queue_p95 = wait_p95();
  pressure_.observe(gathered_, now);
  invitations_ = std::min(willing_, invitations_ + pressure_.invitations());
  gathered_ = {};
  answers_ = 0;
}

Governor::Standing Governor::standing() const {
  const base::MutexLock lock(mutex_);
  return {.ceiling = pressure_.ceiling(),
          .reason = pressure_.reason(),
          .fps_cap = pressure_.fps_cap(),
          .utilisation = pressure_.utilisation(),
          .capacity = adapt::CapacityGate::capacity(pressure_.load()),
          .capacity_fps = adapt::CapacityGate::frames_per_second(pressure_.load()),
          .at_home = at_home_,
          .profile = profile_,
          .frame_skip = frame_skip_};
}

}  // namespace storysign::session
