#pragma once

#include "base/result.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace storysign::store {

/// Which store, as the settings say it.
struct StoreOptions {
  std::string url;                  ///< "", "sqlite:PATH" or "postgresql://...".
  std::filesystem::path directory;  ///< Of a SQLite file that the URL does not name.
  std::string password;             ///< PostgreSQL's; empty: none.
};

/// Where a store is.
struct Location {
  bool is_postgres = false;
  std::filesystem::path file;  ///< Of SQLite.
  std::string url;             ///< Of PostgreSQL, without a password.
};

/// Reads the URL. Fails with kInvalidInput if it is of neither kind, or holds a password: that
/// belongs into the file, since URLs are shown.
[[nodiscard]] base::Result<Location> locate(const StoreOptions& options);

/// Opens the store, checks it, and brings its tables to what this program needs.
[[nodiscard]] base::Result<std::unique_ptr<Store>> open_store(const StoreOptions& options,
                                                              Time now);

}  // namespace storysign::store
