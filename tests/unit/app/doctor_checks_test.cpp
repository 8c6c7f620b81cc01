#include "app/doctor_checks.hpp"

#include "app/model_folder.hpp"
#include "engine/models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::HasSubstr;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;
const base::Error kUnreadable{ErrorCode::kIo, "/proc/x does not tell"};

engine::RuntimeInfo runtime(std::vector<engine::RuntimeDevice> devices) {
  return {"2026.1", std::move(devices)};
}

TEST(Judge, Cpu) {
  EXPECT_EQ(judge_cpu(Cpu{"A", true, true, false, false}).level, Level::kOk);
  const Finding slow = judge_cpu(Cpu{"A", true, false, false, false});
  EXPECT_EQ(slow.level, Level::kWarn);
  EXPECT_THAT(slow.message, HasSubstr("AVX2 no"));
  EXPECT_EQ(judge_cpu(Cpu{"A", false, true, true, true}).level, Level::kFail);
  EXPECT_EQ(judge_cpu(tl::unexpected(kUnreadable)).level, Level::kFail);
}

TEST(Judge, CoresByAffinityAndQuota) {
  EXPECT_EQ(judge_cores(8, std::nullopt).level, Level::kOk);
  EXPECT_EQ(judge_cores(7, std::nullopt).level, Level::kWarn);
  const Finding limited = judge_cores(16, 1.5);
  EXPECT_EQ(limited.level, Level::kWarn);
  EXPECT_THAT(limited.message, HasSubstr("1 usable: 16 allowed by affinity"));
  EXPECT_THAT(limited.message, HasSubstr("quota of 1.50"));
  EXPECT_EQ(judge_cores(tl::unexpected(kUnreadable), std::nullopt).level, Level::kWarn);
}

TEST(Judge, Memory) {
  const config::Settings settings;
  EXPECT_EQ(judge_memory(Memory{16 * kGiB, 12 * kGiB}, std::nullopt, settings).level, Level::kOk);
  const Finding small = judge_memory(Memory{12 * kGiB, 8 * kGiB}, std::nullopt, settings);
  EXPECT_EQ(small.level, Level::kWarn);
  EXPECT_THAT(small.message, HasSubstr("16.0 GiB"));
  const Finding limited = judge_memory(Memory{32 * kGiB, 30 * kGiB}, 4 * kGiB, settings);
  EXPECT_EQ(limited.level, Level::kWarn);
  EXPECT_THAT(limited.message, HasSubstr("performance.max_memory_usage is 8192 MiB"));
  EXPECT_THAT(limited.message, HasSubstr("limit of 4.0 GiB"));
  config::Settings modest;
  modest.performance.max_memory_usage = 2048;
  EXPECT_THAT(judge_memory(Memory{32 * kGiB, 30 * kGiB}, 4 * kGiB, modest).message,
              Not(HasSubstr("max_memory_usage")));
  EXPECT_THAT(judge_memory(Memory{32 * kGiB, kGiB / 2}, std::nullopt, settings).message,
              HasSubstr("end other programs"));
}

TEST(Judge, RuntimeNeedsItsCpuPlugin) {
  EXPECT_EQ(judge_runtime(runtime({{"CPU", "Some CPU"}})).level, Level::kOk);
  EXPECT_EQ(judge_runtime(runtime({{"GPU", ""}})).level, Level::kFail);
  EXPECT_EQ(judge_runtime(runtime({})).level, Level::kFail);
  const Finding broken = judge_runtime(base::fail(ErrorCode::kInternal, "OpenVINO broke."));
  EXPECT_EQ(broken.level, Level::kFail);
  EXPECT_EQ(broken.message, "OpenVINO broke.");
}

TEST(Judge, GpuByWhatIsAskedFor) {
  const base::Result<engine::RuntimeInfo> with = runtime({{"CPU", ""}, {"GPU", "Big"}});
  const base::Result<engine::RuntimeInfo> without = runtime({{"CPU", ""}});
  using config::GpuUse;
  EXPECT_EQ(judge_gpu(GpuUse::kOff, without, {}).level, Level::kOk);
  EXPECT_EQ(judge_gpu(GpuUse::kAuto, without, {}).level, Level::kWarn);
  EXPECT_EQ(judge_gpu(GpuUse::kRequire, without, {}).level, Level::kFail);
  for (const GpuUse use : {GpuUse::kOff, GpuUse::kAuto, GpuUse::kRequire}) {
    const Finding found = judge_gpu(use, with, {"renderD128"});
    EXPECT_EQ(found.level, Level::kOk);
    EXPECT_THAT(found.message, HasSubstr("GPU Big"));
  }
  EXPECT_THAT(judge_gpu(GpuUse::kAuto, without, {"renderD128"}).message,
              HasSubstr("the machine has renderD128 but the runtime reports no GPU"));
}

class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "storysign_doctor_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override {
    std::error_code code;
    fs::remove_all(root_, code);
  }
  void write(std::string_view path, std::string_view text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  [[nodiscard]] Finding kernel(std::string_view name) const {
    for (const Finding& finding : check_kernel(root_)) {
      if (finding.name == name) return finding;
    }
    ADD_FAILURE() << "no finding " << name;
    return {};
  }

  fs::path root_;
};

TEST_F(FolderTest, KernelSettings) {
  for (const Finding& finding : check_kernel(root_)) {
    EXPECT_EQ(finding.level, Level::kWarn);
    EXPECT_THAT(finding.message, HasSubstr("on the host"));
  }
  write("proc/sys/net/core/rmem_max", "16777216\n");
  write("proc/sys/net/core/wmem_max", "16777215\n");
  EXPECT_EQ(kernel("tcp buffers").level, Level::kWarn);
  EXPECT_THAT(kernel("tcp buffers").message, HasSubstr("`sysctl -w net.core.wmem_max=16777216`"));
  write("proc/sys/net/core/wmem_max", "16777216\n");
  EXPECT_EQ(kernel("tcp buffers").level, Level::kOk);
  write("proc/sys/net/ipv4/tcp_congestion_control", "cubic\n");
  EXPECT_THAT(kernel("tcp congestion control").message, HasSubstr("It is cubic;"));
  write("proc/sys/net/ipv4/tcp_congestion_control", "bbr\n");
  EXPECT_EQ(kernel("tcp congestion control").level, Level::kOk);
  write("proc/sys/vm/swappiness", "60\n");
  EXPECT_EQ(kernel("swap").level, Level::kWarn);
  write("proc/sys/vm/swappiness", "10\n");
  EXPECT_EQ(kernel("swap").level, Level::kOk);
  write("dev/shm/x", "");
  write("proc/sys/kernel/shmmax", "33554432\n");
  EXPECT_THAT(kernel("shared memory").message, HasSubstr("sysctl -w kernel.shmmax=268435456"));
}

TEST_F(FolderTest, EveryBadModelFileIsNamed) {
  const auto findings = check_models(root_);
  std::size_t next = 0;
  for (const engine::ModelInfo& model : engine::all_models()) {
    if (model.home == engine::ModelHome::kProgram) continue;
    ASSERT_LT(next, findings.size());
    EXPECT_EQ(findings[next].level, Level::kFail);
    EXPECT_THAT(findings[next].message, HasSubstr(std::string(model.file)));
    ++next;
  }
  EXPECT_EQ(findings.size(), next);
}

TEST(CheckModels, TheRealFilesAreFine) {
  const fs::path folder = STORYSIGN_MODELS_DIR;
  if (!fs::exists(folder)) GTEST_SKIP() << "no model files; run `make setup`";
  const auto findings = check_models(folder);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, Level::kOk) << findings[0].message;
}

TEST(CheckPort, AnAddressOfNobodyFails) {
  config::Settings settings;
  settings.server.host = "192.0.2.1";
  const Finding finding = check_port(settings);
  EXPECT_EQ(finding.level, Level::kFail);
  EXPECT_THAT(finding.message, HasSubstr("192.0.2.1 port 8000"));
}

TEST(Judge, DiskByWhatIsFree) {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
  EXPECT_EQ(judge_disk("disk", "/x", kGiB).level, Level::kOk);
  EXPECT_EQ(judge_disk("disk", "/x", kGiB - 1).level, Level::kWarn);
  EXPECT_EQ(judge_disk("disk", "/x", 100 * kMiB).level, Level::kWarn);
  const Finding full = judge_disk("disk", "/x", 100 * kMiB - 1);
  EXPECT_EQ(full.level, Level::kFail);
  EXPECT_EQ(full.message, "99 MiB free in /x; make room, results could not be written.");
}

TEST(CheckDisk, AFolderThatIsNotThereIsAWarning) {
  EXPECT_EQ(check_disk("disk", "/nonexistent/folder").level, Level::kWarn);
}

TEST_F(FolderTest, ModelFolderIsTheSettingElseTheTreeElseTheInstallation) {
  const fs::path program = root_ / "build/release/storysign";
  config::Settings settings;
  EXPECT_EQ(model_folder(settings, program), root_ / "build/share/storysign/models");
  fs::create_directories(root_ / "deps/models");
  EXPECT_EQ(model_folder(settings, program), root_ / "deps/models");
  settings.models.directory = "somewhere";
  EXPECT_EQ(model_folder(settings, program), "somewhere");
}

}  // namespace
}  // namespace storysign::app
