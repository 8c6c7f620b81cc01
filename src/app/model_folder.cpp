#include "app/model_folder.hpp"

#include <system_error>

namespace storysign::app {

std::filesystem::path program_path() {
  std::error_code code;
  return std::filesystem::read_symlink("/proc/self/exe", code);
}

std::filesystem::path model_folder(const config::Settings& settings,
                                   const std::filesystem::path& program) {
  if (!settings.models.directory.empty()) return settings.models.directory;
  const std::filesystem::path folder = program.parent_path();
  std::filesystem::path in_tree = (folder / "../../deps/models").lexically_normal();
  std::error_code code;
  if (std::filesystem::is_directory(in_tree, code)) return in_tree;
  return (folder / "../share/storysign/models").lexically_normal();
}

}  // namespace storysign::app
