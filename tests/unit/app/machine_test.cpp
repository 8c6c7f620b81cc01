#include "app/machine.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A made-up root folder, removed at the end.
class MachineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "storysign_machine_XXXXXX").string();
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

  /// A machine with control groups v2 at the usual place, this process in `group`.
  void use_v2(std::string_view group, std::string_view mounted = "/") const {
    write("proc/self/mountinfo",
          "25 30 0:23 / /sys rw,nosuid - sysfs sysfs rw\n"
          "30 25 0:26 " +
              std::string(mounted) +
              " /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
    write("proc/self/cgroup", "0::" + std::string(group) + "\n");
    write("sys/fs/cgroup/cgroup.procs", "");
  }

  void use_v1(std::string_view group) const {
    write("proc/self/mountinfo",
          "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
          "36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    write("proc/self/cgroup",
          "4:memory:" + std::string(group) + "\n1:cpu,cpuacct:" + std::string(group) + "\n0::/\n");
  }

  fs::path root_;
};

TEST_F(MachineTest, CpuModelAndFeatures) {
  write(
      "proc/cpuinfo",
      "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nflags\t\t: fpu sse4_1 sse4_2 avx2 avx512f\n"
      "processor\t: 1\nmodel name\t: Other\nflags\t\t: fpu avx_vnni\n");
  const auto cpu = read_cpu(root_);
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->model, "Some CPU @ 3 GHz");
  EXPECT_TRUE(cpu->sse42);
  EXPECT_TRUE(cpu->avx2);
  EXPECT_TRUE(cpu->avx512);
  EXPECT_FALSE(cpu->vnni);
}

TEST_F(MachineTest, CpuFeaturesAreWholeWords) {
  write("proc/cpuinfo", "flags : sse4_2x avx2_not avx512_vnni\n");
  const auto cpu = read_cpu(root_);
  ASSERT_TRUE(cpu);
  EXPECT_FALSE(cpu->sse42);
  EXPECT_FALSE(cpu->avx2);
  EXPECT_FALSE(cpu->avx512);
  EXPECT_TRUE(cpu->vnni);
  EXPECT_EQ(cpu->model, "unknown CPU");
}

TEST_F(MachineTest, FailuresNameTheFile) {
  write("proc/cpuinfo", "CPU architecture: 8\n");
  EXPECT_THAT(read_cpu(root_).error().message, HasSubstr("proc/cpuinfo"));
  EXPECT_THAT(allowed_cores(root_).error().message, HasSubstr("proc/self/status"));
  EXPECT_THAT(read_memory(root_).error().message, HasSubstr("proc/meminfo"));
}

TEST_F(MachineTest, AllowedCoresCountTheList) {
  const auto count = [&](const char* list) {
    write("proc/self/status", std::string("Cpus_allowed:\tff\nCpus_allowed_list:\t") + list + "\n");
    return allowed_cores(root_).value_or(-1);
  };
  EXPECT_EQ(count("0"), 1);
  EXPECT_EQ(count("0-1"), 2);
  EXPECT_EQ(count("0-3,8,10-11"), 7);
  EXPECT_EQ(count(""), -1);
  EXPECT_EQ(count("3-1"), -1);
  EXPECT_EQ(count("0-x"), -1);
  EXPECT_EQ(count("0-1-2"), -1);
}

TEST_F(MachineTest, NoControlGroupsMeanNoLimits) {
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
  EXPECT_EQ(memory_limit(root_), std::nullopt);
  use_v2("/");
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
}

TEST_F(MachineTest, LimitsOfV2) {
  use_v2("/a.slice/b.service");
  write("sys/fs/cgroup/a.slice/b.service/cpu.max", "150000 100000\n");
  write("sys/fs/cgroup/a.slice/b.service/memory.max", "1073741824\n");
  EXPECT_EQ(cpu_quota(root_), 1.5);
  EXPECT_EQ(memory_limit(root_), 1073741824U);
  write("sys/fs/cgroup/a.slice/b.service/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/a.slice/b.service/memory.max", "max\n");
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
  EXPECT_EQ(memory_limit(root_), std::nullopt);
}

TEST_F(MachineTest, AGroupAboveMayBeTighter) {
  use_v2("/a.slice/b.service");
  write("sys/fs/cgroup/a.slice/b.service/cpu.max", "400000 100000\n");
  write("sys/fs/cgroup/a.slice/cpu.max", "200000 100000\n");
  EXPECT_EQ(cpu_quota(root_), 2.0);
  write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(cpu_quota(root_), 0.5);
}

TEST_F(MachineTest, AContainerSeesItsGroupAtTheMount) {
  use_v2("/docker/abc/inner", "/docker/abc");
  write("sys/fs/cgroup/inner/cpu.max", "300000 100000\n");
  EXPECT_EQ(cpu_quota(root_), 3.0);
  // The name that the host has for the group leads nowhere here.
  use_v2("/docker/abc", "/elsewhere");
  write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  write("sys/fs/cpu.max", "50000 100000\n");
  EXPECT_EQ(cpu_quota(root_), 1.0);
}

TEST_F(MachineTest, LimitsOfV1) {
  use_v1("/jobs/one");
  const std::string cpu = "sys/fs/cgroup/cpu,cpuacct/jobs/one/";
  const std::string memory = "sys/fs/cgroup/memory/jobs/one/";
  write(cpu + "cpu.cfs_quota_us", "-1\n");
  write(cpu + "cpu.cfs_period_us", "100000\n");
  write(memory + "memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
  EXPECT_EQ(memory_limit(root_), std::nullopt);
  write(cpu + "cpu.cfs_quota_us", "250000\n");
  write(memory + "memory.limit_in_bytes", "536870912\n");
  EXPECT_EQ(cpu_quota(root_), 2.5);
  EXPECT_EQ(memory_limit(root_), 536870912U);
}

TEST_F(MachineTest, NonsenseInTheFilesIsNoLimit) {
  use_v2("/");
  for (const char* const text : {"", "x", "100000", "0 100000", "100000 0", "-5 100000"}) {
    write("sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(cpu_quota(root_), std::nullopt) << text;
  }
  write("proc/self/mountinfo", "short line\n - cgroup2\n");
  EXPECT_EQ(cpu_quota(root_), std::nullopt);
}

TEST(UsableCores, AreWholeAndAtLeastOne) {
  EXPECT_EQ(usable_cores(8, std::nullopt), 8);
  EXPECT_EQ(usable_cores(8, 2.9), 2);
  EXPECT_EQ(usable_cores(2, 6.0), 2);
  EXPECT_EQ(usable_cores(8, 0.5), 1);
}

TEST_F(MachineTest, MemoryInBytes) {
  write("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\nMemAvailable:    8192 kB\n");
  const auto memory = read_memory(root_);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->total_bytes, 16384U * 1024U);
  EXPECT_EQ(memory->available_bytes, 8192U * 1024U);
}

TEST_F(MachineTest, RenderNodesAreSortedAndAlone) {
  EXPECT_THAT(render_nodes(root_), IsEmpty());
  write("dev/dri/card0", "");
  write("dev/dri/renderD129", "");
  write("dev/dri/renderD128", "");
  EXPECT_THAT(render_nodes(root_), ElementsAre("renderD128", "renderD129"));
}

TEST_F(MachineTest, SmallFilesAreTrimmed) {
  write("proc/x", "  bbr \n");
  EXPECT_EQ(read_small_file(root_, "proc/x"), "bbr");
  EXPECT_EQ(read_small_file(root_, "proc/y"), std::nullopt);
}

TEST(Machine, ThisOneCanBeRead) {
  EXPECT_TRUE(read_cpu("/"));
  EXPECT_GE(allowed_cores("/").value_or(0), 1);
  EXPECT_TRUE(read_memory("/"));
}

TEST(TryListening, TellsAFreePortFromATakenOne) {
  const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_GE(taken, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(taken, 1), 0);
  ASSERT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  const auto refused = try_listening("127.0.0.1", port);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("in use"));
  ::close(taken);
  EXPECT_TRUE(try_listening("127.0.0.1", port));
}

TEST(TryListening, RefusesWhatIsNoAddressOfThisMachine) {
  EXPECT_EQ(try_listening("a:b:c", 8000).error().code, base::ErrorCode::kInvalidInput);
  // TEST-NET-1 of RFC 5737 belongs to nobody.
  EXPECT_EQ(try_listening("192.0.2.1", 8000).error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace storysign::app
