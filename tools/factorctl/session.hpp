// SPDX-License-Identifier: Apache-2.0
// What every command works with: the global options, the bus, the console. The bus is opened by the first call, so that
// help and usage errors need none. Owned by run(); one thread.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "ipc/following.hpp"
#include "tools/factorctl/console.hpp"

namespace factord::factorctl {

// org.factord1, or a double of it in tests. Throws ipc::RemoteError.
class Bus {
 public:
  virtual ~Bus() = default;
  virtual ipc::Values call(const char* interface, const char* method, const ipc::Values& arguments) = 0;
  virtual std::string property(const char* interface, const char* name) = 0;
  // Until the process is interrupted (SIGINT, SIGTERM, SIGHUP).
  virtual void follow(const ipc::Following::Listener& listener) = 0;
};

using OpenBus = std::function<std::unique_ptr<Bus>(const std::string& address)>;

// What the parser alone cannot find wrong with a command line.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Settings {
  bool json = false;
  std::string bus = "system";
  std::optional<std::string> org;
};

class Session {
 public:
  Session(const Console& console, OpenBus open) : console_(console), open_(std::move(open)) {}

  Settings settings;
  std::function<void()> command;  // what the command line asks for; set while it is parsed

  const Console& console() const { return console_; }

  // Refuses texts that are not UTF-8, which would cost the connection, before anything is sent.
  ipc::Values call(const char* interface, const char* method, const ipc::Values& arguments);
  std::string property(const char* interface, const char* name);
  void follow(const ipc::Following::Listener& listener) { bus().follow(listener); }

  // The options that every method takes.
  ipc::Dict options() const;

  // The answer in the form asked for: JSON, or a line of talk.
  void done(const ipc::Dict& details, const std::string& line) const;
  void print_json(const google::protobuf::Message& answer) const;

 private:
  Bus& bus();

  const Console& console_;
  OpenBus open_;
  std::unique_ptr<Bus> bus_;
};

// One value of an answer. Throws std::runtime_error where the daemon answered something else.
template <typename T>
const T& part(const ipc::Values& answer, std::size_t index) {
  const T* value = index < answer.size() ? std::get_if<T>(&answer[index]) : nullptr;
  if (value == nullptr) throw std::runtime_error("The answer is not what the method promises");
  return *value;
}

// One entry of a dictionary, or nothing (zero, empty) where it is not there.
template <typename T>
T entry(const ipc::Dict& dict, std::string_view key) {
  const auto found = dict.find(key);
  const T* value = found == dict.end() ? nullptr : std::get_if<T>(&found->second);
  return value == nullptr ? T{} : *value;
}

// Sets the option only where the user gave it.
template <typename T>
void put(ipc::Dict& options, const char* key, const std::optional<T>& value) {
  if (value) options.insert_or_assign(key, ipc::Value(*value));
}

}  // namespace factord::factorctl
