#pragma once

#include "adapt/frame_rate.hpp"
#include "adapt/quality.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "pipeline/pipeline.hpp"
#include "session/governor.hpp"
#include "session/quality_settings.hpp"
#include "wire/server_message.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace storysign::session {

/// The quality of one session's answers: follows what becomes of them, what the whole process
/// allows (see Governor), and what client and operator ask for. Owned by the session, on its
/// strand.
class SessionQuality {
 public:
  /// `governor` outlives this.
  SessionQuality(const QualitySettings& settings, Governor& governor, std::uint64_t session_number,
                 base::SteadyTime now);

  /// For the next frame.
  [[nodiscard]] pipeline::FrameQuality for_frame() const;

  /// An answer has come from the pipeline.
  void on_result(const pipeline::FrameResult& result);
  /// It is handed to the connection; `backlog` says that the client was behind with the one before,
  /// `dropped` how many of its frames had no answer since.
  void on_sent(const pipeline::FrameResult& result, bool backlog, std::uint32_t dropped,
               base::SteadyTime now);
  /// What the client measured from sending a frame to having its answer.
  void on_client_latency(std::chrono::microseconds latency, base::SteadyTime now);
  /// What the client says of its network: latency both ways, bytes a second.
  void on_client_report(std::optional<std::chrono::microseconds> latency,
                        std::optional<double> throughput, base::SteadyTime now);

  /// The control action set_quality: `profile` (a name, or auto), `auto` (true), `frame_skip` (0 to
  /// 30; null: the profile's), `compression` (a strategy). Fails with kInvalidInput and a sentence
  /// for the client, and then nothing has changed.
  [[nodiscard]] base::Result<void> apply(const nlohmann::json& wishes, base::SteadyTime now);
  /// What the client has asked for so far, in the same form: for apply() on another server.
  [[nodiscard]] nlohmann::json wishes() const;
  /// What is in force, as the result of that action.
  [[nodiscard]] nlohmann::json describe() const;

  [[nodiscard]] const adapt::Quality& quality() const noexcept { return controller_.quality(); }
  [[nodiscard]] codec::CompressionStrategy compression() const noexcept { return compression_; }
  [[nodiscard]] int advised_fps() const noexcept { return advisor_.advice(); }
  /// For `stats`; the complexity is left for the session to say.
  [[nodiscard]] wire::CurrentQuality current() const;

  /// Takes over what the governor says now; happens with every answer as well.
  void obey(base::SteadyTime now);
  void take(const QualitySettings& settings, base::SteadyTime now);

  /// An operator's choice for this session alone; nothing: it finds its own again. The client can
  /// not change it, what is set for everybody goes before. Fails with kInvalidInput then.
  [[nodiscard]] base::Result<void> order_profile(std::optional<adapt::Profile> profile,
                                                 base::SteadyTime now);
  [[nodiscard]] base::Result<void> order_skip(std::optional<int> frame_skip);

 private:
  [[nodiscard]] std::optional<int> skip_of_its_own() const noexcept;

  // Given.
  Governor& governor_;
  std::uint64_t number_;
  // State.
  bool is_fast_;
  adapt::QualityController controller_;
  adapt::FrameRateAdvisor advisor_;
  codec::CompressionStrategy compression_;
  bool has_own_compression_ = false;  ///< The client asked for it.
  std::uint64_t settings_edition_ = 0;
  std::uint32_t results_ = 0;  ///< So far; counted no further than anybody asks.
  std::uint64_t edition_ = 0;
  std::uint64_t eased_ = 0;
  bool is_pinned_for_all_ = false;
  std::optional<int> own_skip_;
  std::optional<adapt::Profile> ordered_profile_;  ///< By an operator, for this session.
  std::optional<int> ordered_skip_;
  std::chrono::microseconds last_age_{};
};

}  // namespace storysign::session
