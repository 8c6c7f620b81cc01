#pragma once

#include <CLI/App.hpp>

namespace storysign::app {

/// Each adds one command of the program to `app`. When the command is the one asked for, it runs
/// inside app.parse() and puts the exit code into `status`: 0 done, 1 failed, 2 the user's input is
/// wrong. Main thread only; `status` must outlive `app`.
void add_account(CLI::App& app, int& status);
void add_annotate(CLI::App& app, int& status);
void add_backup(CLI::App& app, int& status);
void add_config(CLI::App& app, int& status);
void add_ctl(CLI::App& app, int& status);
void add_doctor(CLI::App& app, int& status);
void add_load(CLI::App& app, int& status);
void add_restore(CLI::App& app, int& status);
void add_serve(CLI::App& app, int& status);

}  // namespace storysign::app
