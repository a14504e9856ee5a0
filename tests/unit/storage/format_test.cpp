// SPDX-License-Identifier: Apache-2.0
// The second reader, written from docs/format.md, reads what the daemon wrote.
#include <sys/wait.h>

#include <cstdio>

#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

struct Reading {
  int status;
  std::string text;
};

Reading read_with_second_reader(const Place& place, const core::Secret& key) {
  const auto key_file = place.directory.path() / "key";
  write(key_file, std::string(key.text()));
  const std::string command = "/usr/bin/python3 '" FORMAT_READER "' '" + place.directory.file().string() + "' '" +
                              key_file.string() + "' 00010203040506070809 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Reading reading;
  char buffer[4096];
  while (const std::size_t size = fread(buffer, 1, sizeof buffer, pipe)) reading.text.append(buffer, size);
  reading.status = pclose(pipe);
  return reading;
}

bool has_reader() { return system("/usr/bin/python3 -c 'import nacl.bindings' 2>/dev/null") == 0; }

void fill(Place& place) {
  const auto alice = Mint::account("alice", 1000);
  place.commit([&] {
    auto renamed = passkey("id1", "credential");
    place.store->of(alice).add(renamed, {}, change(1));
    auto pending = totp("id2");
    pending.begun_by = 1007;
    pending.code_id = "code1";
    place.store->of(alice).add(pending, seed(), change(2));
    renamed.name = "Renamed";
    place.store->of(alice).update(renamed, storage::EventType::factor_renamed, change(3));
    place.store->of(Mint::registered("acme", "carol")).add_user("Carol", change(4));
    place.store->of(alice).add(recovery_codes("id3"), {}, change(4));
    auto used = recovery_codes("id3");
    used.recovery.hashes.pop_back();
    place.store->of(alice).use_up(used, {}, change(4));
    auto codes = place.store->of(alice).codes();
    const core::Bytes secret{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    codes.add({.id = "code1", .kind = storage::Kind::totp, .created = at(4), .expires = at(64)}, secret);
    codes.add({.id = "code2", .kind = storage::Kind::u2f}, core::Bytes(10, 1));
    codes.keep({.id = "code2", .kind = storage::Kind::u2f, .failures = 4, .hash = core::Bytes(32, 1)});
    place.store->of(alice).use("id1", {.sign_count = 50}, change(5));
  });
  place.store->fold(1);
  place.commit([&] {
    place.store->of(alice).use("id1", {.sign_count = 51}, change(6));
    place.store->of(alice).use("id1", {.sign_count = 52, .backed_up = true}, change(7));
    place.store->of(alice).keep({.key = {storage::Kind::totp, 1007, "tty1"}, .failures = 3, .last_failure = at(8)});
    place.store->of(alice).keep({.key = {storage::Kind::totp, {}, ""}, .recent = {at(8), at(9)}});
    place.store->of(alice).use("id2", {.step = 9, .source = "tty1"}, {at(10), 1007});
    place.store->of(alice).use("id2", {.step = 10, .source = "tty2"}, {at(11), 1007});
  });
}

}  // namespace

TEST_CASE("a second reader made from the document reads every record") {
  REQUIRE(has_reader());  // package python3-nacl
  Place place;
  fill(place);
  const Reading reading = read_with_second_reader(place, place.key);
  INFO(reading.text);
  CHECK(reading.status == 0);
  for (
      const char* part :
      {R"({"store": {"organization": "local", "domain": "host.example", "folded": 7}})",
       R"("user_id": "alice", "uid": 1000)",
       R"("id": "id1", "kind": 1, "state": 2, "name": "Renamed")",
       R"("credential_id": "63726564656e7469616c")",
       R"("algorithm": -7, "sign_count": 52)",
       R"("last_used": 1770000007000000, "use_count": 3)",
       R"({"budget": {"kind": 3, "caller": 1007, "source": "tty1", "failures": 3, "last_failure": 1770000008000000, )"
       R"("last_success": 1770000010000000}})",
       R"({"budget": {"kind": 3, "caller": 1007, "source": "tty2", "last_success": 1770000011000000}})",
       R"({"budget": {"kind": 3, "recent": [1770000008000000, 1770000009000000]}})",
       R"("sequence": 8)",
       R"("transports": ["usb", "nfc"], "user_verified": true)",
       R"("totp": {"algorithm": "SHA256", "digits": 8, "period": 60, "last_step": 10}, "begun_by": 1007, "code_id": "code1")",
       R"({"code": {"id": "code1", "kind": 3, "created": 1770000004000000, "expires": 1770000064000000, "hash": )",
       R"("opens": true)",
       R"({"code": {"id": "code2", "kind": 2, "failures": 4, "hash": "0101)",
       R"("opens": false)",
       R"("seed": "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3")",
       R"("display_name": "Carol")",
       R"("last_used": 1770000004000000, "use_count": 1, "recovery": {"salt": "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a", )"
       R"("operations": 2, "memory": 8192, "hashes": ["01010101010101010101010101010101"]}})",
       R"({"type": 13, "at": 1770000003000000, "actor": 1000, "organization": "local", "user_id": "alice", )"
       R"("sequence": 3, "factor_id": "id1", "kind": 1}, "number": 3})"}) {
    INFO(part);
    CHECK(reading.text.find(part) != std::string::npos);
  }
}

TEST_CASE("the second reader, too, opens nothing with another key") {
  REQUIRE(has_reader());  // package python3-nacl
  Place place;
  fill(place);
  const Reading reading = read_with_second_reader(place, core::Secret::random(32, place.random));
  CHECK(reading.status != 0);
  CHECK(reading.text.find("locked: no slot opens") != std::string::npos);
}
