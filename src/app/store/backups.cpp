#include "app/store/backups.hpp"

#include "app/state_folder.hpp"
#include "app/store/keeper.hpp"

#include <fmt/format.h>

#include <system_error>

namespace storysign::app {

namespace fs = std::filesystem;

base::Result<fs::path> backup_folder(const config::Settings& settings) {
  const auto state = state_folder(settings);
  if (!state) return tl::unexpected(state.error());
  fs::path folder = *state / "backups";
  std::error_code code;
  if (fs::create_directory(folder, code)) fs::permissions(folder, fs::perms::owner_all, code);
  if (!fs::is_directory(folder) || code) {
    return base::fail(base::ErrorCode::kIo,
                      fmt::format("The folder {} cannot be made: {}.", folder.string(),
                                  code ? code.message() : std::string("it is no folder")));
  }
  return folder;
}

base::Result<store::Backup> make_backup(const config::Settings& settings,
                                        const std::optional<fs::path>& target, store::Time now) {
  const auto options = store_options(settings);
  if (!options) return tl::unexpected(options.error());
  if (target) return store::back_up(*options, *target);
  const auto folder = backup_folder(settings);
  if (!folder) return tl::unexpected(folder.error());
  auto made = store::back_up(*options, store::backup_name(*folder, *options, now));
  if (!made) return made;
  // The oldest go only when the new one stands.
  if (auto pruned = store::prune_backups(*folder, settings.store.backups_kept); !pruned) {
    return tl::unexpected(pruned.error());
  }
  return made;
}

}  // namespace storysign::app
