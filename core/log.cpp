// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace factord::core {
namespace {

// $JOURNAL_STREAM names the device and inode that stderr has when systemd connected it to the journal; a redirected
// stderr keeps the variable but not the inode (systemd.exec(5)).
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

void to_journal(Severity severity, std::string_view text, LogFields fields) {
  std::vector<std::string> entries{"PRIORITY=" + std::to_string(static_cast<int>(severity)),
                                   "MESSAGE=" + std::string(text)};
  for (const auto& [key, value] : fields) entries.push_back(std::string(key) + "=" + std::string(value));
  std::vector<iovec> parts;
  for (auto& entry : entries) parts.push_back({entry.data(), entry.size()});
  sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

void to_stderr(std::string_view text, LogFields fields) {
  std::string line = "factord: " + std::string(text);
  for (const auto& [key, value] : fields) line += " " + std::string(key) + "=" + std::string(value);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void log(Severity severity, std::string_view text, LogFields fields) {
  static const bool journal = stderr_is_journal();
  if (journal)
    to_journal(severity, text, fields);
  else
    to_stderr(text, fields);
}

}  // namespace factord::core
