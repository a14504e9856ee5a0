// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/factorctl/stage.hpp"

#include <fcntl.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/message_differencer.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/fd.hpp"
#include "ipc/client.hpp"
#include "tests/support/catch.hpp"
#include "tools/factorctl/cli.hpp"
#include "tools/factorctl/json.hpp"

namespace factord::tests {
namespace {

class FakeBus final : public factorctl::Bus {
 public:
  explicit FakeBus(Stage& stage) : stage_(stage) {}

  ipc::Values call(const char* interface, const char* method, const ipc::Values& arguments) override {
    stage_.calls.push_back({interface, method, arguments});
    const auto answer = stage_.answers.find(method);
    if (answer == stage_.answers.end()) throw ipc::RemoteError("org.freedesktop.DBus.Error.UnknownMethod", method);
    return answer->second(arguments);
  }

  std::string property(const char*, const char* name) override { return stage_.properties.at(name); }

  void follow(const ipc::Following::Listener& listener) override {
    listener.subscribe();
    for (const auto& change : stage_.told) listener.told(change);
    if (!stage_.restarts) return;
    listener.presence(false);
    listener.subscribe();
    listener.presence(true);
  }

 private:
  Stage& stage_;
};

core::Fd memory_file(std::string_view content) {
  core::Fd fd(memfd_create("test", MFD_CLOEXEC));
  REQUIRE(write(fd.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  REQUIRE(lseek(fd.get(), 0, SEEK_SET) == 0);
  return fd;
}

std::string content_of(const core::Fd& fd) {
  std::string content(static_cast<std::size_t>(lseek(fd.get(), 0, SEEK_END)), '\0');
  REQUIRE(pread(fd.get(), content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()));
  return content;
}

// A terminal at which `typed` has been typed already; both ends live as long as the pair.
struct Terminal {
  explicit Terminal(std::string_view typed) : person(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    REQUIRE(grantpt(person.get()) == 0);
    REQUIRE(unlockpt(person.get()) == 0);
    program = core::Fd(open(ptsname(person.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(program.valid());
    REQUIRE(write(person.get(), typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
  }
  core::Fd person;
  core::Fd program;
};

Run perform(Stage& stage, std::vector<std::string>& words, int in) {
  std::vector<const char*> argv{"factorctl"};
  for (const auto& word : words) argv.push_back(word.c_str());
  const core::Fd data = memory_file(""), talk = memory_file("");
  const factorctl::Console console(in, data.get(), talk.get());
  const int status = factorctl::run(static_cast<int>(argv.size()), argv.data(), console, [&](const std::string& bus) {
    stage.opened.push_back(bus);
    return std::make_unique<FakeBus>(stage);
  });
  return {status, content_of(data), content_of(talk)};
}

}  // namespace

Run Stage::run(std::vector<std::string> words) {
  if (kind_of_input == Input::terminal) return perform(*this, words, Terminal(input).program.get());
  return perform(*this, words, memory_file(input).get());
}

const Call& Stage::only_call() const {
  REQUIRE(calls.size() == 1);
  return calls.front();
}

std::string handed_over(const ipc::Value& value) {
  const int fd = std::get<ipc::SharedFd>(value)->get();
  REQUIRE(core::is_sealed_memfd(fd));
  std::string content(4096, '\0');
  content.resize(static_cast<std::size_t>(pread(fd, content.data(), content.size(), 0)));
  return content;
}

ipc::Dict details() {
  return {{"sequence", std::uint64_t{2}},
          {"changeDate", std::uint64_t{1'742'920'379'073'000}},
          {"resourceOwner", "local"},
          {"creationDate", std::uint64_t{1'742'920'379'000'000}}};
}

Stage::Answer always(ipc::Values values) {
  return [values](const ipc::Values&) { return values; };
}

Stage::Answer failing(std::string code, std::string message) {
  return [=](const ipc::Values&) -> ipc::Values { throw ipc::RemoteError("org.factord1.Error." + code, message); };
}

bool same_json(const std::string& a, const std::string& b) {
  google::protobuf::Struct left, right;
  factorctl::from_json(a, left);
  factorctl::from_json(b, right);
  return google::protobuf::util::MessageDifferencer::Equals(left, right);
}

}  // namespace factord::tests
