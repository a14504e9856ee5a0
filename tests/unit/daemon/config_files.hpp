// SPDX-License-Identifier: Apache-2.0
// Configuration files in a directory of their own, read as the daemon reads them.
#pragma once

#include <algorithm>
#include <string>

#include "daemon/config.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

namespace factord::tests::configuration {

using daemon::Config;
using daemon::ConfigError;
using daemon::Presence;

class Files {
 public:
  std::filesystem::path file() const { return directory_.path() / "factord.conf"; }
  std::filesystem::path drop_in(const std::string& name) const {
    std::filesystem::create_directory(file().string() + ".d");
    return std::filesystem::path(file().string() + ".d") / name;
  }
  void write(const std::string& text) const { tests::write(file(), text); }
  void drop(const std::string& name, const std::string& text) const { tests::write(drop_in(name), text); }
  Config read(Presence presence = Presence::required) const { return read_config(file(), presence); }
  // What is wrong, with the directory cut away; "" where nothing is.
  std::string fault(Presence presence = Presence::required) const try {
    read(presence);
    return "";
  } catch (const ConfigError& error) {
    std::string text = error.what();
    const std::string prefix = directory_.path().string() + "/";
    CHECK(text.starts_with(prefix));
    return text.substr(std::min(text.size(), prefix.size()));
  }

 private:
  Directory directory_;
};

inline Config of(const std::string& text) {
  const Files files;
  files.write(text);
  return files.read();
}

inline std::string fault(const std::string& text) {
  const Files files;
  files.write(text);
  return files.fault();
}

}  // namespace factord::tests::configuration
