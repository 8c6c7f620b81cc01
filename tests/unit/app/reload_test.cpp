#include "app/serve/reload.hpp"

#include "support/log_lines.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace storysign::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Reload : public ::testing::Test {
 protected:
  Reload() { write("video:\n  fps: 30\n"); }
  void write(std::string_view text) { folder_.write("config.yaml", text); }
  [[nodiscard]] std::uint64_t reloads(telemetry::ConfigReload outcome) const {
    return metrics_.snapshot().value(outcome);
  }

  testing::TempFolder folder_;
  testing::LogLines lines_;
  telemetry::Log log_{{.sink = &lines_}};
  telemetry::Metrics metrics_;
  std::vector<config::Settings> applied_;
  std::optional<std::string> refusal_;
  Reloader reloader_{
      {.file = folder_ / "config.yaml", .arguments = {"--video.width=800"}},
      config::Settings{},
      {.log = log_, .metrics = metrics_, .apply = [this](const config::Settings& settings) {
         if (refusal_) {
           return base::Result<void>(base::fail(base::ErrorCode::kUnavailable, *refusal_));
         }
         applied_.push_back(settings);
         return base::Result<void>();
       }}};
};

TEST_F(Reload, HandsOnWhatIsLiveAndNamesTheRest) {
  write("video:\n  fps: 25\nserver:\n  port: 9000\n  max_connections: 7\n");
  const auto report = reloader_.reload("a test");
  EXPECT_THAT(report.changed, ElementsAre("video.width", "video.fps", "server.max_connections"));
  EXPECT_THAT(report.needs_restart, ElementsAre("server.port"));
  EXPECT_THAT(report.problems, IsEmpty());
  ASSERT_EQ(applied_.size(), 1U);
  EXPECT_EQ(applied_[0].video.fps, 25);
  EXPECT_EQ(applied_[0].video.width, 800) << "the command line is stronger";
  EXPECT_EQ(applied_[0].server.max_connections, 7);
  EXPECT_EQ(applied_[0].server.port, 8000) << "not in force before a restart";
  EXPECT_THAT(lines_.lines,
              ElementsAre(AllOf(HasSubstr("The configuration was read again."),
                                HasSubstr("video.width video.fps server.max_connections")),
                          AllOf(HasSubstr(" warning "), HasSubstr("keys=server.port"))));
  EXPECT_EQ(reloads(telemetry::ConfigReload::kApplied), 1U);
  // Again: what is in force is no change, what needs a restart still does.
  const auto again = reloader_.reload("a test");
  EXPECT_THAT(again.changed, IsEmpty());
  EXPECT_THAT(again.needs_restart, ElementsAre("server.port"));
  EXPECT_EQ(applied_.size(), 1U);
}

TEST_F(Reload, AWrongFileChangesNothingAndEveryProblemIsLogged) {
  write("video:\n  fps: 25\n  quality: best\nvidoe: {}\n");
  const auto report = reloader_.reload("a test");
  EXPECT_THAT(report.changed, IsEmpty());
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("config.yaml:3: video.quality is \"best\""),
                                           HasSubstr("config.yaml:4: vidoe is not a section")));
  EXPECT_THAT(applied_, IsEmpty());
  EXPECT_THAT(lines_.lines,
              ElementsAre(AllOf(HasSubstr(" error "), HasSubstr("config.yaml:3: video.quality")),
                          AllOf(HasSubstr(" error "), HasSubstr("config.yaml:4: vidoe"))));
  EXPECT_EQ(reloads(telemetry::ConfigReload::kRefused), 1U);
  EXPECT_EQ(reloads(telemetry::ConfigReload::kApplied), 0U);
}

TEST_F(Reload, AFileThatHasGoneChangesNothing) {
  std::filesystem::remove(folder_ / "config.yaml");
  EXPECT_THAT(reloader_.reload("a test").problems, ElementsAre(HasSubstr("there is no such")));
}

TEST_F(Reload, WhatCannotBeAppliedIsAProblem) {
  refusal_ = "There are no threads.";
  const auto report = reloader_.reload("a test");
  EXPECT_THAT(report.problems, ElementsAre("There are no threads."));
  EXPECT_THAT(report.changed, IsEmpty());
  EXPECT_EQ(reloader_.running().video.width, 640);
  refusal_.reset();
  EXPECT_THAT(reloader_.reload("a test").changed, ElementsAre("video.width"));
}

TEST_F(Reload, IsDoneWhenAskedOrWhenTheFileChanges) {
  base::SteadyTime now{seconds(10)};
  reloader_.poll(false, now);
  EXPECT_THAT(lines_.lines, IsEmpty());
  reloader_.poll(true, now);
  EXPECT_THAT(lines_.lines, ElementsAre(HasSubstr("why=SIGHUP")));
  write("video:\n  fps: 20\n");
  reloader_.poll(false, now += milliseconds(100));
  EXPECT_EQ(applied_.size(), 1U);
  reloader_.poll(false, now += config::FileWatcher::kQuiet);
  ASSERT_EQ(applied_.size(), 2U);
  EXPECT_EQ(applied_.back().video.fps, 20);
  EXPECT_THAT(lines_.lines.back(), HasSubstr("the file has changed"));
}

TEST_F(Reload, WhoeverWaitsIsToldWhenTheServerStops) {
  telemetry::Metrics metrics;
  server::AdminRoutes routes(metrics, log_);
  reloader_.add_routes(routes);
  std::jthread closer([this] {
    std::this_thread::sleep_for(milliseconds(50));
    reloader_.close();
  });
  server::Request request(boost::beast::http::verb::post, "/api/reload", 11);
  request.set(boost::beast::http::field::authorization, "Bearer token");
  request.body() = "{}";
  routes.set_options({.token = "token", .page = {}});
  const auto response = routes.respond(request, {});
  EXPECT_EQ(response.result_int(), 503U) << response.body();
}

}  // namespace
}  // namespace storysign::app
