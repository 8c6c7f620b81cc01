#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/secret_file.hpp"
#include "app/serve/accounts.hpp"
#include "app/settings_source.hpp"
#include "app/store/keeper.hpp"
#include "auth/accounts.hpp"
#include "auth/password.hpp"
#include "store/open.hpp"
#include "wire/timestamp.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <ranges>
#include <string>

namespace storysign::app {
namespace {

/// What the options of one run are written to; lives as long as the command.
struct Options {
  std::string file;
  std::string name;
  std::string role = "learner";
  std::string display_name;
  std::string password_file;
  int limit = 50;
};

store::Time now() {
  return std::chrono::system_clock::now();
}

int refuse(const base::Error& error) {
  write_error(error.message);
  return error.code == base::ErrorCode::kInvalidInput || error.code == base::ErrorCode::kNotFound
             ? kExitBadInput
             : kExitFailed;
}

int refuse(const auth::Failure& failure) {
  write_error(failure.sentence);
  return failure.fault == auth::Fault::kInvalid || failure.fault == auth::Fault::kNotFound
             ? kExitBadInput
             : kExitFailed;
}

/// The operator at the machine.
auth::Actor operator_here() {
  return {};
}

base::Result<std::string> name_of(const Options& options) {
  const auto name = auth::account_name(options.name);
  if (!name) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("\"{}\" is no name of an account: 1 to 64 letters, digits and "
                                  ". _ - @, the first a letter or digit, and not guest.",
                                  options.name));
  }
  return *name;
}

/// From --password-file, or asked for twice at a terminal, or a line of standard input.
base::Result<std::string> new_password(const Options& options, std::string_view name) {
  auto password = options.password_file.empty()
                      ? ask_password("Password: ")
                      : read_secret("--password-file", options.password_file);
  if (!password) {
    return password;
  }
  if (auto fit = auth::check_new_password(*password, name); !fit) {
    return tl::unexpected(fit.error());
  }
  if (options.password_file.empty() && ::isatty(STDIN_FILENO) == 1) {
    const auto again = ask_password("The same again: ");
    if (!again || *again != *password) {
      return base::fail(base::ErrorCode::kInvalidInput, "The two passwords differ; try again.");
    }
  }
  return password;
}

base::Result<std::string> new_hash(const Options& options, const config::Settings& settings,
                                   std::string_view name) {
  return new_password(options, name).and_then([&](const std::string& password) {
    return auth::hash_password(password, password_cost(settings), &auth::system_random);
  });
}

int add(const Options& options, const config::Settings& settings, store::Store& store) {
  const auto name = name_of(options);
  if (!name) return refuse(name.error());
  const auto role = store::parse_role(options.role);
  if (!role) {
    return refuse(
        {base::ErrorCode::kInvalidInput,
         fmt::format("--role is \"{}\", but must be learner, teacher or admin.", options.role)});
  }
  const auto hash = new_hash(options, settings, *name);
  if (!hash) return refuse(hash.error());
  const auto added = auth::add_account(store, operator_here(),
                                       {.id = auth::random_id(&auth::system_random),
                                        .name = *name,
                                        .display_name = options.display_name,
                                        .role = *role,
                                        .password_hash = *hash},
                                       now());
  if (!added) return refuse(added.error());
  return write_stdout(fmt::format("The {} {} can sign in now.\n", options.role, *name));
}

int change(const Options& options, store::Store& store, const auth::AccountChange& what,
           std::string_view said) {
  const auto name = name_of(options);
  if (!name) return refuse(name.error());
  const auto changed = auth::change_account(store, operator_here(), *name, what, now());
  if (!changed) return refuse(changed.error());
  return write_stdout(fmt::format(fmt::runtime(said), *name));
}

int set_password(const Options& options, const config::Settings& settings, store::Store& store) {
  const auto name = name_of(options);
  if (!name) return refuse(name.error());
  const auto hash = new_hash(options, settings, *name);
  if (!hash) return refuse(hash.error());
  auth::AccountChange what;
  what.password_hash = *hash;
  return change(options, store, what, "{} has a new password and is signed out everywhere.\n");
}

int disable(const Options& options, bool disabled, store::Store& store) {
  auth::AccountChange what;
  what.disabled = disabled;
  return change(options, store, what,
                disabled ? "{} cannot sign in any more.\n" : "{} can sign in again.\n");
}

int remove(const Options& options, store::Store& store) {
  const auto name = name_of(options);
  if (!name) return refuse(name.error());
  const auto removed = auth::remove_account(store, operator_here(), *name, now());
  if (!removed) return refuse(removed.error());
  return write_stdout(fmt::format("{} is gone, with all that was stored about it.\n", *name));
}

int list(store::Store& store) {
  const auto accounts = auth::list_accounts(store, operator_here());
  if (!accounts) return refuse(accounts.error());
  std::string out = accounts->empty() ? "There are no accounts.\n" : "";
  for (const store::Account& account : *accounts) {
    out += fmt::format("{:<24} {:<8} {:<8} {}\n", account.name, store::role_name(account.role),
                       account.disabled ? "disabled" : "", account.display_name);
  }
  return write_stdout(out);
}

int show_audit(const Options& options, store::Store& store) {
  const auto lines = store.audit_lines(options.limit);
  if (!lines) return refuse(lines.error());
  std::string out;
  for (const store::AuditLine& line : std::views::reverse(*lines)) {
    out +=
        fmt::format("{} actor={} action={} subject={} address={} {}\n", wire::timestamp(line.time),
                    line.actor, line.action, line.subject, line.address, line.detail);
  }
  return write_stdout(out);
}

using Step = std::function<int(const Options&, const config::Settings&, store::Store&)>;

int with_store(const CLI::App& command, const Options& options, const Step& step) {
  const auto settings = load_settings(options.file, command.remaining());
  if (!settings) return report(settings.error());
  const auto where = store_options(settings->loaded.settings);
  if (!where) return refuse(where.error());
  const auto store = store::open_store(*where, now());
  if (!store) return refuse(store.error());
  return step(options, settings->loaded.settings, **store);
}

}  // namespace

void add_account(CLI::App& app, int& status) {
  CLI::App* const account = app.add_subcommand(
      "account", "Make and change accounts, beside a running server or without one");
  account->require_subcommand(1);
  // The commands' callbacks keep the options alive; CLI11 copies them, so shared it is.
  const auto options = std::make_shared<Options>();
  const auto add_step = [&](const char* name, const char* doc, bool named, Step step) {
    CLI::App* const command = account->add_subcommand(name, doc);
    if (named) {
      command->add_option("NAME", options->name, "Name to sign in with")->required();
    }
    add_settings_options(*command, options->file);
    command->callback([command, options, step = std::move(step), &status] {
      status = with_store(*command, *options, step);
    });
    return command;
  };
  const auto with_password = [&](CLI::App* command) {
    command
        ->add_option("--password-file", options->password_file,
                     "File of mode 0600 with the password in its first line, or credential:NAME; "
                     "else it is asked for, or read from standard input")
        ->type_name("FILE");
  };

  CLI::App* const added = add_step("add", "Make an account", true, &add);
  with_password(added);
  added->add_option("--role", options->role, "learner (the default), teacher or admin");
  added->add_option("--display-name", options->display_name, "Name as others read it");
  with_password(add_step("password", "Give an account a new password", true, &set_password));
  add_step("disable", "Let an account sign in no longer; what it has stays", true,
           [](const Options& given, const config::Settings&, store::Store& store) {
             return disable(given, true, store);
           });
  add_step("enable", "Let it sign in again", true,
           [](const Options& given, const config::Settings&, store::Store& store) {
             return disable(given, false, store);
           });
  add_step("remove", "Remove an account and all that is stored about it", true,
           [](const Options& given, const config::Settings&, store::Store& store) {
             return remove(given, store);
           });
  add_step(
      "list", "List the accounts", false,
      [](const Options&, const config::Settings&, store::Store& store) { return list(store); });
  add_step("audit", "Show who did what of late", false,
           [](const Options& given, const config::Settings&, store::Store& store) {
             return show_audit(given, store);
           })
      ->add_option("--limit", options->limit, "How many lines, the newest ones")
      ->check(CLI::Range(1, 100000));
}

}  // namespace storysign::app
