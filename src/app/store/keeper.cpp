#include "app/store/keeper.hpp"

#include "app/secret_file.hpp"
#include "app/state_folder.hpp"
#include "app/store/backups.hpp"
#include "app/store/store_routes.hpp"
#include "auth/roles.hpp"
#include "base/uuid.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace storysign::app {
namespace {

constexpr std::chrono::hours kRetentionInterval{1};

/// Tells the servers of one store apart, for people: machine and port.
std::string node_name(int port) {
  constexpr std::size_t kLongest = 256;
  std::array<char, kLongest> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) return fmt::format("unknown:{}", port);
  return fmt::format("{}:{}", host.data(), port);
}

/// What may stand in a folder of backups beside the others: no path, nothing hidden.
bool is_plain_name(std::string_view name) {
  constexpr std::size_t kLongestName = 100;
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

/// The account that everybody has where there are no accounts: the rows of its sessions and
/// attempts refer to it.
base::Result<void> make_guest(store::Store& store) {
  return store.atomically([&]() -> base::Result<void> {
    const auto found = store.find_account(auth::kGuestId);
    if (!found) return tl::unexpected(found.error());
    if (*found) return {};
    store::Account guest;
    guest.id = auth::kGuestId;
    guest.name = auth::kGuestName;
    guest.display_name = "Guest";
    guest.created = std::chrono::system_clock::now();
    return store.add_account(guest);
  });
}

}  // namespace

base::Result<store::StoreOptions> store_options(const config::Settings& settings) {
  store::StoreOptions out{.url = settings.store.url, .directory = {}, .password = {}};
  if (out.url.empty()) {
    auto folder = state_folder(settings);
    if (!folder) return tl::unexpected(folder.error());
    out.directory = std::move(*folder);
  } else if (!settings.store.password_file.empty()) {
    auto password = read_secret("store.password_file", settings.store.password_file);
    if (!password) return tl::unexpected(password.error());
    out.password = std::move(*password);
  }
  return out;
}

base::Result<std::unique_ptr<Keeper>> Keeper::open(const config::Settings& settings,
                                                   telemetry::Metrics& metrics, telemetry::Log& log,
                                                   base::SteadyTime now) {
  const auto options = store_options(settings);
  if (!options) return tl::unexpected(options.error());
  auto store = store::open_store(*options, std::chrono::system_clock::now());
  if (!store) return tl::unexpected(store.error());
  if (auto made = make_guest(**store); !made) return tl::unexpected(made.error());
  log.info("The store is open.", {{"store", (*store)->describe()}});
  std::unique_ptr<Keeper> keeper(new Keeper(settings, std::move(*store), metrics, log, now));
  keeper->tick(now);
  return keeper;
}

Keeper::Keeper(const config::Settings& settings, std::unique_ptr<store::Store> store,
               telemetry::Metrics& metrics, telemetry::Log& log, base::SteadyTime now)
    : settings_(settings),
      node_(node_name(settings.server.port)),
      log_(log),
      queue_(std::make_unique<store::WriteBehind>(
          std::move(store),
          store::WriteBehindOptions{.capacity = static_cast<std::size_t>(settings.store.queue)},
          metrics, log)),
      next_retention_(now) {
  constexpr int kHoursOfADay = 24;
  if (settings.store.retention_days > 0) {
    keep_for_ = std::chrono::hours(kHoursOfADay * settings.store.retention_days);
  }
}

session::Keeping Keeper::keeping() const {
  return {.queue = queue_.get(), .node = node_, .new_id = &base::random_uuid};
}

void Keeper::add_routes(server::AsyncRoutes& api) {
  add_attempt_routes(api, *queue_);
  add_learner_routes(api, *queue_);
}

void Keeper::add_admin_routes(server::AdminRoutes& routes) {
  routes.add(
      {.method = "POST",
       .pattern = "/api/backup",
       .fields = {"file"},
       .handler = [this](const server::AdminRequest& request) { return back_up(request.fields); }});
}

server::AdminResponse Keeper::back_up(const nlohmann::json& fields) const {
  constexpr unsigned kBadRequest = 400;
  constexpr unsigned kFailed = 500;
  std::optional<std::filesystem::path> target;
  if (const auto file = fields.find("file"); file != fields.end()) {
    if (!file->is_string() || !is_plain_name(file->get<std::string>())) {
      return server::AdminResponse::error(
          kBadRequest,
          "file must be a name of letters, digits, dots, hyphens and underscores, "
          "without a folder; backups go into the state folder.");
    }
    const auto folder = backup_folder(settings_);
    if (!folder) return server::AdminResponse::error(kFailed, folder.error().message);
    target = *folder / file->get<std::string>();
  }
  const auto made = make_backup(settings_, target, std::chrono::system_clock::now());
  if (!made) {
    const bool is_wrong = made.error().code == base::ErrorCode::kInvalidInput;
    return server::AdminResponse::error(is_wrong ? kBadRequest : kFailed, made.error().message);
  }
  log_.info("A backup was made.", {{"file", made->file.string()}, {"bytes", made->bytes}});
  return server::AdminResponse::json({{"ok", true},
                                      {"file", made->file.string()},
                                      {"bytes", made->bytes},
                                      {"sha256", made->sha256}});
}

void Keeper::tick(base::SteadyTime now) {
  if (now < next_retention_) return;
  next_retention_ = now + kRetentionInterval;
  const store::Time wall = std::chrono::system_clock::now();
  std::optional<store::Time> before;
  if (keep_for_) before = wall - *keep_for_;
  const bool taken = queue_->ask([before, wall, &log = log_](store::Store& store) {
    const auto removed = store.retain(before, wall);
    if (!removed) {
      log.warning("What is old could not be removed from the store.",
                  {{"reason", removed.error().message}});
    } else if (removed->sessions > 0) {
      log.info("Old sessions were removed from the store.", {{"sessions", removed->sessions}});
    }
  });
  if (!taken) log_.warning("What is old stays in the store for an hour more: it is too busy.");
}

}  // namespace storysign::app
