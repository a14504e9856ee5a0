// SPDX-License-Identifier: Apache-2.0
// The least that a daemon of factord's make can be: a name on the bus, one method, an open SQLite database, libsodium
// started; says READY and waits. What factord's start, memory and door are compared with.
#include <sdbus-c++/sdbus-c++.h>
#include <sodium.h>
#include <sqlite3.h>
#include <systemd/sd-daemon.h>

#include <cstdio>
#include <map>
#include <string>

using Dict = std::map<std::string, sdbus::Variant>;

// bare ADDRESS DATABASE NAME
int main(int argc, char** argv) {
  if (argc != 4 || sodium_init() < 0) return 1;
  sqlite3* database = nullptr;
  const char* statements = "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS t(a); SELECT count(*) FROM t;";
  if (sqlite3_open(argv[2], &database) != SQLITE_OK ||
      sqlite3_exec(database, statements, nullptr, nullptr, nullptr) != SQLITE_OK)
    return 1;
  const auto connection = sdbus::createSessionBusConnectionWithAddress(argv[1]);
  const auto object = sdbus::createObject(*connection, "/org/factord1");
  object->registerMethod("Nothing")
      .onInterface("org.factord1.Bench")
      .implementedAs([](const std::string&, const Dict&) { return Dict{}; });
  object->finishRegistration();
  connection->requestName(argv[3]);
  sd_notify(0, "READY=1");
  connection->enterEventLoop();
  sqlite3_close(database);
  return 0;
}
