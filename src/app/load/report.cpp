#include "app/load/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace storysign::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kClientsShown = 20;

double rounded(double value, double steps) {
  return std::round(value * steps) / steps;
}

Json to_tree(const Samples::Summary& summary) {
  return {{"p50", rounded(summary.p50, 1000)},
          {"p95", rounded(summary.p95, 1000)},
          {"p99", rounded(summary.p99, 1000)},
          {"max", rounded(summary.max, 1000)}};
}

Json to_tree(const Tally& tally) {
  Json tree{{"due", tally.due},
            {"held_back", tally.held_back},
            {"sent", tally.sent},
            {"answered_inferred", tally.inferred},
            {"answered_propagated", tally.propagated},
            {"replaced", tally.replaced},
            {"expired", tally.expired},
            {"late", tally.late},
            {"failed", tally.failed},
            {"lost", tally.lost},
            {"unexpected", tally.unexpected},
            {"errors", tally.errors},
            {"attempts", tally.attempts},
            {"attempts_accepted", tally.accepted},
            {"attempts_not_judged", tally.not_judged},
            {"bytes_sent", tally.bytes_sent},
            {"bytes_received", tally.bytes_received},
            {"latency_ms", to_tree(tally.from_due.summary())},
            {"latency_from_send_ms", to_tree(tally.from_send.summary())},
            {"send_lag_ms", to_tree(tally.send_lag.summary())}};
  Json server;
  for (std::size_t i = 0; i < kServerTimes; ++i) {
    const auto answers = static_cast<double>(std::max<std::uint64_t>(tally.answered(), 1));
    server[kServerTimeNames[i]] =
        rounded(static_cast<double>(tally.server[i].count()) / 1000.0 / answers, 1000);
  }
  tree["server_mean_ms"] = std::move(server);
  return tree;
}

double answers_per_second(const LoadReport& report, const Tally& all) {
  const auto answers = static_cast<double>(all.inferred + all.propagated);
  // The last frame's own interval belongs to a whole run, although nobody waits for its end.
  const bool whole = !report.stopped && failures(report).empty();
  const double seconds =
      whole ? std::max(report.wall_seconds, report.seconds) : report.wall_seconds;
  return seconds > 0.0 ? answers / seconds : 0.0;
}

std::string row(const std::string& name, const Tally& tally) {
  const Samples::Summary latency = tally.from_due.summary();
  return fmt::format(
      "{:>8} {:>8} {:>8} {:>10} {:>8} {:>7} {:>7} {:>7} {:>6} {:>8.1f} {:>7.1f} "
      "{:>7.1f} {:>7.1f}\n",
      name, tally.sent, tally.inferred, tally.propagated, tally.replaced, tally.expired, tally.late,
      tally.failed, tally.lost, latency.p50, latency.p95, latency.p99, latency.max);
}

std::string first_error(const LoadReport& report) {
  const auto found =
      std::find_if(report.clients.begin(), report.clients.end(),
                   [](const ClientReport& client) { return !client.first_error.empty(); });
  return found == report.clients.end() ? std::string() : found->first_error;
}

void append_notes(const LoadReport& report, const Tally& all, std::string& out) {
  const auto end = std::back_inserter(out);
  const Samples::Summary from_send = all.from_send.summary();
  const Samples::Summary lag = all.send_lag.summary();
  fmt::format_to(end,
                 "Latency is from the time a frame was due to its answer; from the actual sending "
                 "it is p50 {:.1f}, p95 {:.1f}, p99 {:.1f}.\n",
                 from_send.p50, from_send.p95, from_send.p99);
  fmt::format_to(end,
                 "{:.1f} answers a second. This generator used {:.1f} % of one core and sent p99 "
                 "{:.1f} ms after the due time.\n",
                 answers_per_second(report, all), report.own_cpu_share * 100.0, lag.p99);
  if (!report.practice.empty()) {
    fmt::format_to(end, "Practice of {}: {} attempts judged, {} of them accepted, {} not judged.\n",
                   report.practice, all.attempts, all.accepted, all.not_judged);
  }
  if (all.held_back != 0) {
    fmt::format_to(end, "{} frames were due but not sent.\n", all.held_back);
  }
  if (all.errors != 0) {
    fmt::format_to(end, "The server sent {} error messages.\n", all.errors);
  }
  if (const std::string first = first_error(report); !first.empty()) {
    fmt::format_to(end, "The first thing it complained of: {}\n", first);
  }
  if (all.unexpected != 0) {
    fmt::format_to(end, "{} answers were to no frame that waited for one.\n", all.unexpected);
  }
}

}  // namespace

Tally total(const LoadReport& report) {
  Tally all;
  for (const ClientReport& client : report.clients) all.add(client.tally);
  return all;
}

std::string to_text(const LoadReport& report) {
  const Tally all = total(report);
  std::string out = fmt::format(
      "{} {} of {}x{} at {:g} frames/s, mode {}, over {}: {:.1f} s{}.\n", report.clients.size(),
      report.clients.size() == 1 ? "client" : "clients", report.width, report.height, report.fps,
      report.mode, report.protocol, report.wall_seconds, report.stopped ? ", stopped early" : "");
  fmt::format_to(std::back_inserter(out),
                 "{:>8} {:>8} {:>8} {:>10} {:>8} {:>7} {:>7} {:>7} {:>6} {:>8} {:>7} {:>7} {:>7}\n",
                 "client", "sent", "inferred", "propagated", "replaced", "expired", "late",
                 "failed", "lost", "p50 ms", "p95", "p99", "max");
  const std::size_t shown = std::min(report.clients.size(), kClientsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    out += row(std::to_string(i + 1), report.clients[i].tally);
  }
  if (shown < report.clients.size()) {
    fmt::format_to(std::back_inserter(out), "{:>8}\n", "...");
  }
  out += row("total", all);
  append_notes(report, all, out);
  return out;
}

std::string to_json(const LoadReport& report) {
  const Tally all = total(report);
  Json tree{{"url", report.url},
            {"protocol", report.protocol},
            {"mode", report.mode},
            {"practice", report.practice.empty() ? Json(nullptr) : Json(report.practice)},
            {"clients", report.clients.size()},
            {"fps", report.fps},
            {"seconds", report.seconds},
            {"settle_seconds", report.settle_seconds},
            {"width", report.width},
            {"height", report.height},
            {"deadline_ms", report.deadline_ms},
            {"wall_seconds", rounded(report.wall_seconds, 1000)},
            {"own_cpu_share", rounded(report.own_cpu_share, 10000)},
            {"stopped", report.stopped},
            {"answers_per_second", rounded(answers_per_second(report, all), 1000)},
            {"total", to_tree(all)}};
  tree["per_client"] = Json::array();
  for (const ClientReport& client : report.clients) {
    Json one = to_tree(client.tally);
    one["first_error"] = client.first_error.empty() ? Json(nullptr) : Json(client.first_error);
    one["failure"] = client.failure.empty() ? Json(nullptr) : Json(client.failure);
    tree["per_client"].push_back(std::move(one));
  }
  tree["timeline"] = Json::array();
  for (const Second& second : report.timeline) {
    tree["timeline"].push_back(
        {{"answers", second.answers}, {"latency_ms", to_tree(second.from_due)}});
  }
  return tree.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<std::string> failures(const LoadReport& report) {
  std::vector<std::pair<std::string, std::size_t>> counted;
  for (const ClientReport& client : report.clients) {
    if (client.failure.empty()) continue;
    const auto same = std::find_if(counted.begin(), counted.end(),
                                   [&](const auto& item) { return item.first == client.failure; });
    if (same == counted.end()) {
      counted.emplace_back(client.failure, 1);
    } else {
      ++same->second;
    }
  }
  std::vector<std::string> sentences;
  sentences.reserve(counted.size());
  for (const auto& [sentence, count] : counted) {
    sentences.push_back(report.clients.size() == 1 ? sentence
                                                   : fmt::format("{} of {} clients: {}", count,
                                                                 report.clients.size(), sentence));
  }
  return sentences;
}

}  // namespace storysign::app
