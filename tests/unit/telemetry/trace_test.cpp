#include "telemetry/trace.hpp"

#include "support/allocation_count.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace storysign::telemetry {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

FrameTrace frame(std::uint32_t number) {
  FrameTrace out;
  out.session = 3;
  out.frame = number;
  out.outcome = "inferred";
  out.profile = "balanced";
  out.received = base::SteadyTime(microseconds(1000 * number));
  out.stages = {microseconds(100), microseconds(20), microseconds(300),
                microseconds(0),   microseconds(40), microseconds(5)};
  return out;
}

TEST(TraceRing, TakesOneFrameInSoMany) {
  TraceRing ring(3);
  int taken = 0;
  for (int i = 0; i < 30; ++i) taken += ring.wants_next() ? 1 : 0;
  EXPECT_EQ(taken, 10);
  ring.set_every(0);
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(ring.wants_next());
}

TEST(TraceRing, LaysTheStagesOneAfterAnother) {
  TraceRing ring(1);
  ring.keep(frame(7));
  const json trace = json::parse(ring.chrome_json(10));
  const json& events = trace["traceEvents"];
  ASSERT_EQ(events.size(), 6U) << "the frame, and the stages that took time";
  EXPECT_EQ(events[0]["name"], "frame");
  EXPECT_EQ(events[0]["ts"], 7000);
  EXPECT_EQ(events[0]["dur"], 465);
  EXPECT_EQ(events[0]["tid"], 3);
  EXPECT_EQ(events[0]["args"],
            (json{{"frame", 7}, {"outcome", "inferred"}, {"profile", "balanced"}}));
  EXPECT_EQ(events[3]["name"], "vision");
  EXPECT_EQ(events[3]["ts"], 7120);
  EXPECT_EQ(events[4]["name"], "encode");
  EXPECT_EQ(events[4]["ts"], 7420);
  EXPECT_EQ(events[5]["name"], "outbox");
  EXPECT_EQ(events[5]["ts"], 7460);
}

TEST(TraceRing, KeepsTheLastOnesInOrder) {
  TraceRing ring(1);
  EXPECT_TRUE(json::parse(ring.chrome_json(5))["traceEvents"].empty());
  for (std::uint32_t i = 1; i <= TraceRing::kFrames + 5; ++i) ring.keep(frame(i));
  const json all = json::parse(ring.chrome_json(100'000))["traceEvents"];
  EXPECT_EQ(all.size(), 6 * TraceRing::kFrames);
  EXPECT_EQ(all.front()["args"]["frame"], 6);
  EXPECT_EQ(all.back()["args"]["frame"], TraceRing::kFrames + 5);
  const json last = json::parse(ring.chrome_json(1))["traceEvents"];
  EXPECT_EQ(last.size(), 6U);
  EXPECT_EQ(last.front()["args"]["frame"], TraceRing::kFrames + 5);
}

TEST(TraceRing, KeepingAllocatesNothing) {
  TraceRing ring(1);
  const FrameTrace one = frame(1);
  const std::size_t before = test::allocations();
  for (int i = 0; i < 3000; ++i) {
    if (ring.wants_next()) ring.keep(one);
  }
  EXPECT_EQ(test::allocations(), before);
}

}  // namespace
}  // namespace storysign::telemetry
