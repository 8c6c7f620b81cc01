#include "app/commands.hpp"
#include "app/doctor_checks.hpp"
#include "app/model_folder.hpp"
#include "app/output.hpp"
#include "app/settings_source.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Options {
  std::string file;
  bool json = false;
};

std::vector<Finding> examine(const config::Settings& settings) {
  const fs::path root = "/";
  const auto runtime = engine::runtime_info();
  std::vector<Finding> out = {
      judge_cpu(read_cpu(root)),
      judge_cores(allowed_cores(root), cpu_quota(root)),
      judge_memory(read_memory(root), memory_limit(root), settings),
  };
  const auto add = [&](std::vector<Finding> more) {
    out.insert(out.end(), more.begin(), more.end());
  };
  add(check_models(model_folder(settings, program_path())));
  add({judge_runtime(runtime), judge_gpu(settings.gpu, runtime, render_nodes(root))});
  add(check_kernel(root));
  add({check_port(settings)});
  std::error_code code;
  add({check_disk("disk", fs::current_path(code)),
       check_disk("disk for temporary files", fs::temp_directory_path(code))});
  return out;
}

std::string as_text(const std::vector<Finding>& findings) {
  std::size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, finding.name.size());
  std::string out;
  for (const Finding& finding : findings) {
    out += fmt::format("{:<4}  {:<{}}  {}\n", to_string(finding.level), finding.name, width,
                       finding.message);
  }
  return out;
}

std::string as_json(const std::vector<Finding>& findings, bool sound) {
  Json checks = Json::array();
  for (const Finding& finding : findings) {
    checks.push_back({{"check", finding.name},
                      {"result", to_string(finding.level)},
                      {"message", finding.message}});
  }
  const Json out = {{"ok", sound}, {"checks", std::move(checks)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int run(const Options& options, const std::vector<std::string>& arguments) {
  const auto settings = load_settings(options.file, arguments);
  if (!settings) return report(settings.error());
  const std::vector<Finding> findings = examine(settings->loaded.settings);
  const bool sound = std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.level == Level::kFail;
  });
  const int written = write_stdout(options.json ? as_json(findings, sound) : as_text(findings));
  return sound ? written : kExitFailed;
}

}  // namespace

void add_doctor(CLI::App& app, int& status) {
  CLI::App* const command =
      app.add_subcommand("doctor", "Check whether this machine fits, and say what to do");
  // The callback keeps the options alive; CLI11 copies it, so shared it is.
  const auto options = std::make_shared<Options>();
  add_settings_options(*command, options->file);
  command->add_flag("--json", options->json, "As JSON");
  command->callback([command, options, &status] { status = run(*options, command->remaining()); });
}

}  // namespace storysign::app
