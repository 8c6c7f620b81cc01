#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"
#include "store/backup.hpp"

#include <filesystem>
#include <optional>

namespace storysign::app {

/// Where backups go without another word: the folder backups in the state folder; made if missing.
[[nodiscard]] base::Result<std::filesystem::path> backup_folder(const config::Settings& settings);

/// Makes a backup: `target`, or a new name in backup_folder(), where as many stay as the settings
/// say. Waits for disks.
[[nodiscard]] base::Result<store::Backup> make_backup(
    const config::Settings& settings, const std::optional<std::filesystem::path>& target,
    store::Time now);

}  // namespace storysign::app
