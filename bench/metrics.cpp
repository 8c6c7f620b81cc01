// What it costs to count, to read the counts, and to write them for Prometheus.

#include "telemetry/metrics.hpp"

#include "telemetry/exposition.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>

namespace {

namespace telemetry = storysign::telemetry;

telemetry::Metrics& shared() {
  static telemetry::Metrics metrics;
  return metrics;
}

void count(benchmark::State& state) {
  for (auto _ : state) shared().add(telemetry::FrameEvent::kInferred);
}

void record(benchmark::State& state) {
  std::int64_t time = 0;
  for (auto _ : state) {
    shared().record(telemetry::Timing::kVision, std::chrono::microseconds(++time & 0xffff));
  }
}

void snapshot(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(shared().snapshot());
}

void scrape(benchmark::State& state) {
  for (auto _ : state) {
    telemetry::Exposition exposition;
    exposition.add(shared().snapshot());
    benchmark::DoNotOptimize(exposition.text());
  }
}

BENCHMARK(count)->Threads(1)->Threads(2);
BENCHMARK(record)->Threads(1)->Threads(2);
BENCHMARK(snapshot)->Unit(benchmark::kMicrosecond);
BENCHMARK(scrape)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
