// Files that appear whole or not at all.

#include "partition/io/atomic_file.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "partition/error.hpp"
#include "partition/io/text/byte_stream.hpp"
#include "partition/io/unfinished.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace gasket;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string unpacked(const fs::path& path) {
  const text::InputFile file(path.string(), "a file");
  const auto stream = text::open_stream(file, text::detect_compression(file));
  std::string text, piece(1 << 16, '\0');
  while (const std::size_t got = stream->read(piece)) text.append(piece, 0, got);
  return text;
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

void write_file(const fs::path& path, std::string_view text) {
  AtomicFile file(path.string());
  file.write(text);
  file.commit();
}

}  // namespace

TEST_CASE("a file has its name when it is committed, not before") {
  const ScratchFolder scratch;
  const fs::path path = scratch / "result.txt";
  AtomicFile file(path.string());
  file.write("one\n");
  file.write("two\n");
  CHECK(file.size() == 8);
  CHECK_FALSE(fs::exists(path));
  file.commit();
  CHECK(content(path) == "one\ntwo\n");
  CHECK(files_in(scratch.path()) == 1);
}

TEST_CASE("a file that is not committed leaves nothing, and the old one as it was") {
  const ScratchFolder scratch;
  write_file(scratch / "result.txt", "old");
  {
    AtomicFile file((scratch / "result.txt").string());
    file.write("new");
    CHECK(files_in(scratch.path()) == 2);
  }
  CHECK(content(scratch / "result.txt") == "old");
  CHECK(files_in(scratch.path()) == 1);
  write_file(scratch / "result.txt", "new");
  CHECK(content(scratch / "result.txt") == "new");
}

TEST_CASE("two files under way to one name do not meet") {
  const ScratchFolder scratch;
  AtomicFile a((scratch / "x").string()), b((scratch / "x").string());
  a.write("a");
  b.write("b");
  a.commit();
  CHECK(content(scratch / "x") == "a");
  b.commit();
  CHECK(content(scratch / "x") == "b");
}

TEST_CASE("compression by name, at sizes around the buffers") {
  const ScratchFolder scratch;
  const std::string suffix = GENERATE(as<std::string>(), "", ".gz", ".zst");
  for (const std::size_t size : {0u, 1u, 100u, (1u << 20) - 1, 1u << 20, (1u << 20) + 1, 5000000u}) {
    std::string text(size, '\0');
    std::uint64_t state = 1;
    for (char& c : text) c = static_cast<char>((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
    for (std::size_t i = 0; i < size / 2; ++i) text[i] = static_cast<char>('a' + i % 7);  // half of it compresses
    const fs::path path = scratch / ("t" + suffix);
    AtomicFile file(path.string());
    for (std::size_t at = 0; at < size; at += 300001) file.write(std::string_view(text).substr(at, 300001));
    file.commit();
    CHECK((unpacked(path) == text));
    if (suffix.empty()) {
      CHECK(fs::file_size(path) == size);
    } else if (size > 1000) {
      CHECK(fs::file_size(path) < size);
    }
  }
}

TEST_CASE("names that cannot be written are refused with the path and the reason") {
  const ScratchFolder scratch;
  const auto refused = [](const fs::path& path, const std::string& reason) {
    INFO(path);
    CHECK_THROWS_AS(AtomicFile(path.string()), InputError);
    CHECK_THROWS_WITH(AtomicFile(path.string()), Catch::Contains(path.string()) && Catch::Contains(reason));
  };
  refused(scratch / "missing" / "x", "No such file or directory");
  refused(scratch.path(), "Is a directory");
  refused("", "without a name");
  refused(scratch / std::string(300, 'x'), "File name too long");
  write_file(scratch / "file", "");
  refused(scratch / "file" / "x", "Not a directory");
  if (geteuid() != 0) {
    fs::create_directory(scratch / "closed");
    fs::permissions(scratch / "closed", fs::perms::owner_read | fs::perms::owner_exec);
    refused(scratch / "closed" / "x", "Permission denied");
  }
}

TEST_CASE("a disk that is full is said, and nothing is left") {
  AtomicFile full("/dev/full");
  full.write("x");
  CHECK_THROWS_AS(full.commit(), ResourceError);
  AtomicFile again("/dev/full");
  CHECK_THROWS_WITH(again.write(std::string(3 << 20, 'x')), Catch::Contains("/dev/full: No space left on device"));
}

TEST_CASE("a name that becomes a folder meanwhile is refused at the end, and nothing is left") {
  const ScratchFolder scratch;
  {
    AtomicFile file((scratch / "x").string());
    file.write("text");
    fs::create_directory(scratch / "x");
    CHECK_THROWS_AS(file.commit(), InputError);
  }
  CHECK(files_in(scratch.path()) == 1);
}

TEST_CASE("who is interrupted leaves nothing unfinished, and dies of it") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const ScratchFolder scratch;
    write_file(scratch / "old.txt", "old\n");
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      alarm(20);
      signal(number, SIG_DFL);  // Catch2 has its own
      remove_unfinished_when_interrupted();
      AtomicFile fresh((scratch / "new.txt").string()), old((scratch / "old.txt").string());
      fresh.write("half a line");
      fs::create_directory(scratch / "folder.partial");
      const Unfinished folder((scratch / "folder.partial").string());
      write_file(scratch / "folder.partial" / "piece", "of many");
      const bool told = write(ready[1], "!", 1) == 1;
      for (;;) pause();
      static_cast<void>(told);
    }
    char byte;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    CHECK(files_in(scratch.path()) == 4);
    kill(child, number);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == number);
    CHECK(files_in(scratch.path()) == 1);
    CHECK(content(scratch / "old.txt") == "old\n");
    close(ready[0]);
    close(ready[1]);
  }
}

TEST_CASE("devices and pipes are written to, not replaced") {
  {
    AtomicFile file("/dev/null");
    file.write("gone");
    file.commit();
  }
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("a symbolic link stays one, and permissions stay") {
  const ScratchFolder scratch;
  write_file(scratch / "real", "old");
  fs::permissions(scratch / "real", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("real", scratch / "link");
  write_file(scratch / "link", "new");
  CHECK(fs::is_symlink(scratch / "link"));
  CHECK(content(scratch / "real") == "new");
  CHECK(fs::status(scratch / "real").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(files_in(scratch.path()) == 2);
}

TEST_CASE("a pending file takes pieces in any order") {
  const ScratchFolder scratch;
  PendingFile file((scratch / "x").string());
  CHECK(file.replaces());
  file.write_at(4, "tail");
  file.append("ab");
  file.append("cd");
  file.publish();
  CHECK(content(scratch / "x") == "abcdtail");
}
