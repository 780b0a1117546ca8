// Text files as sources: every cut into shares and blocks gives the same edges; what is wrong is named with file and
// line.

#include "partition/io/text_source.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "partition/error.hpp"
#include "partition/io/text/line.hpp"
#include "partition/parallel.hpp"
#include "tests/support/text_sources.hpp"

using namespace gasket;
using namespace gasket::test;

namespace {

using Random = std::mt19937_64;

std::vector<ExternalId> read_vertices(const TextOptions& options, int ranks = 1) {
  std::vector<ExternalId> ids;
  std::mutex guard;
  for (int rank = 0; rank < ranks; ++rank)
    open_text(options, {rank, ranks})->read_vertices([&](std::span<const ExternalId> some) {
      const std::lock_guard lock(guard);
      ids.insert(ids.end(), some.begin(), some.end());
    });
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string sample(Random& random, int lines, bool weighted) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    if (random() % 10 == 0) text += random() % 2 == 0 ? "# a comment\n" : "\n";
    text += fmt::format("{} {}", random() >> (random() % 64), random() % 100000);
    if (weighted) text += fmt::format(" {}", static_cast<double>(random() % 1000) / 8);
    text += random() % 10 == 0 ? "\r\n" : "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every cut into shares, blocks and threads gives the same edges") {
  const Folder folder;
  Random random(1);
  for (const bool weighted : {false, true}) {
    std::string text = sample(random, 300, weighted);
    if (weighted) text.pop_back();  // no line end at the end
    const Edges expected = sorted(test::read_reference(text, weighted).edges);
    REQUIRE(expected.size() == 300);
    const std::string half = text.substr(0, text.size() / 2), rest = text.substr(text.size() / 2);
    const std::string paths[] = {
        folder.write("plain", text),
        folder.write("mark", "\xef\xbb\xbf" + text),
        folder.write("text.gz", gzip(text)),
        folder.write("members.gz", gzip(half) + gzip("") + gzip(rest)),
        folder.write("text.zst", zstd(text)),
        folder.write("frames.zst", zstd(half) + zstd("") + zstd(rest)),
        folder.write("padded.gz", gzip(text) + std::string(1000, '\0')),
        folder.write("skippable.zst", std::string("\x50\x2a\x4d\x18\x04\x00\x00\x00size", 12) + zstd(text))};
    for (const std::string& path : paths)
      for (const std::size_t block : {1u, 16u, 100u, 4096u, 1u << 20})
        for (int ranks = 1; ranks <= 5; ++ranks)
          for (int threads = 1; threads <= 3; ++threads) {
            if (block == 1 && threads == 2) continue;
            parallel::set_threads(threads);
            INFO(path << " block " << block << " ranks " << ranks << " threads " << threads);
            const bool same =
                read_all({.path = path, .read_weights = weighted, .block_bytes = block}, ranks) == expected;
            if (!same) FAIL("other edges");
          }
  }
}

TEST_CASE("errors name the first bad line of the share, whatever the cut") {
  const Folder folder;
  Random random(2);
  for (int round = 0; round < 12; ++round) {
    std::string text;
    std::set<std::size_t> bad;
    for (std::size_t i = 0; i < 3; ++i) bad.insert(1 + random() % 200);
    for (std::size_t line = 1; line <= 200; ++line)
      text += bad.contains(line) ? "12 x\n"
              : line % 9 == 0    ? "# comment\n"
                                 : fmt::format("{} {}\n", line, random() % 100);
    const std::string found = ": expected a target id of digits only, found 'x'; --ids string takes any words as ids";
    for (const std::string& path :
         {folder.write("plain", text), folder.write("gz", gzip(text)), folder.write("zst", zstd(text))})
      for (const std::size_t block : {16u, 100u, 1u << 20})
        for (int ranks = 1; ranks <= 4; ++ranks)
          for (int threads = 1; threads <= 3; threads += 2) {
            parallel::set_threads(threads);
            std::set<std::size_t> named;
            for (int rank = 0; rank < ranks; ++rank) {
              const std::string error = error_of({.path = path, .block_bytes = block}, {rank, ranks});
              if (error == "no error") continue;
              const std::size_t line = std::stoul(error.substr(path.size() + 1));
              if (error != fmt::format("{}:{}{}", path, line, found)) FAIL(error);
              if (!bad.contains(line)) FAIL("line " << line << " is not bad");
              named.insert(line);
            }
            if (named.empty() || *named.begin() != *bad.begin()) FAIL("the first bad line is not named");
          }
  }
}

TEST_CASE("files that cannot be an edge list") {
  const Folder folder;
  const auto error = [&](const std::string& name) {
    const std::string message = error_of({.path = folder / name});
    CHECK(message.starts_with(folder / name));
    return message.substr((folder / name).size());
  };
  CHECK(error("nothing") == ": no such file");
  std::filesystem::create_directory(folder / "folder");
  CHECK(error("folder") == ": is a directory, expected an edge list");
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(error("pipe") == ": is a pipe or a device, which ranks cannot share; expected a file with an edge list");
  folder.write("empty", "");
  CHECK(error("empty") == ": is empty, expected an edge list");
  if (geteuid() != 0) {
    std::filesystem::permissions(folder.write("secret", "1 2\n"), std::filesystem::perms::none);
    CHECK(error("secret") == ": cannot be opened: Permission denied");
  }
  folder.write("xz", std::string("\xfd"
                                 "7zXZ\0\0\0",
                                 8));
  CHECK(error("xz") == ": is compressed with xz; only gzip and zstd can be read");
  folder.write("bz2", "BZh91AY");
  CHECK(error("bz2") == ": is compressed with bzip2; only gzip and zstd can be read");
  folder.write("elf", std::string("\x7f"
                                  "ELF\x02\x01\x01\0\0\0",
                                  10));
  CHECK(error("elf") ==
        ":1: expected a line of text, found '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00': this does not look like a text "
        "edge list");
  folder.write("utf16", std::string("\xff\xfe"
                                    "1\0 \0"
                                    "2\0\n\0",
                                    10));
  CHECK(error("utf16").find("does not look like a text edge list") != std::string::npos);
  folder.write("negative.gz", gzip("# c\n1 2\n\n3 -4\n"));
  CHECK(error("negative.gz") == ":4: expected a target id, which is unsigned, found '-4'");
}

TEST_CASE("a file of comments only is an empty source") {
  const Folder folder;
  for (const std::string& path : {folder.write("plain", "# nothing\n\n%"), folder.write("gz", gzip("# nothing\n")),
                                  folder.write("nothing.gz", gzip("")), folder.write("zst", zstd("\xef\xbb\xbf"))})
    for (int ranks = 1; ranks <= 3; ++ranks) {
      CHECK(read_all({.path = path, .read_weights = true}, ranks).empty());
      CHECK_FALSE(open_text({.path = path, .read_weights = true}, {0, ranks})->weighted());
    }
}

TEST_CASE("a CSV file may begin with a header") {
  const Folder folder;
  const std::string text = "\xef\xbb\xbf# made by hand\r\nsource,target,weight\r\n1,2,0.5\r\n3,4,1\r\nx,5,1\r\n";
  const std::string good = text.substr(0, text.find('x'));
  for (const std::string name : {"a.csv", "a.csv.gz", "a.csv.zst"})
    for (int ranks = 1; ranks <= 3; ++ranks) {
      const auto pack = [&](const std::string& bytes) {
        return name.ends_with("gz") ? gzip(bytes) : name.ends_with("zst") ? zstd(bytes) : bytes;
      };
      const std::string path = folder.write(name, pack(good));
      CHECK(read_all({.path = path, .read_weights = true, .block_bytes = 7}, ranks) == Edges{{1, 2, 0.5}, {3, 4, 1}});
      folder.write(name, pack(text));
      const std::string error = error_of({.path = path, .block_bytes = 1000}, {0, 1});
      CHECK(error == path + ":5: expected a source id of digits only, found 'x'; --ids string takes any words as ids");
    }
  const std::string other = folder.write("b.txt", good);
  CHECK(error_of({.path = other}) ==
        other + ":2: expected a source id of digits only, found 'source'; --ids string takes any words as ids");
  CHECK(read_all({.path = other, .format = TextFormat::csv}).size() == 2);
  const std::string quoted = folder.write("c.csv", "\"from\";\"to\"\n1;2\n");
  CHECK(read_all({.path = quoted}).size() == 1);
  const std::string twice = folder.write("d.csv", "from,to\nfrom,to\n1,2\n");
  CHECK(error_of({.path = twice}) ==
        twice + ":2: expected a source id of digits only, found 'from'; --ids string takes any words as ids");
  const std::string numbers = folder.write("f.csv", "\"1\",\"2\"\n1,2\n");  // no names of columns
  CHECK_THAT(error_of({.path = numbers}), Catch::Contains(":1: expected a source id of digits only, found '\"1\"'"));
  const std::string negative = folder.write("e.csv", "-1,2\n1,2\n");
  CHECK(error_of({.path = negative}) == negative + ":1: expected a source id, which is unsigned, found '-1'");
}

TEST_CASE("an LDBC graph is opened by any of its names") {
  const Folder folder;
  const std::string vertices = "1\n2\n3\n900\n", edges = "1 2 0.5\n2 3 1.5\n";
  folder.write("g.v", vertices);
  folder.write("g.e", edges);
  folder.write("z.v.gz", gzip(vertices));
  folder.write("z.e.zst", zstd(edges));
  for (const std::string name : {"g", "g.v", "g.e", "z", "z.v.gz", "z.e.zst", "z.e"})
    for (const TextFormat format : {TextFormat::automatic, TextFormat::ldbc})
      for (int ranks = 1; ranks <= 3; ++ranks) {
        const TextOptions options{.path = folder / name, .format = format, .read_weights = true, .block_bytes = 4};
        CAPTURE(name, ranks);
        CHECK(open_text(options, {0, ranks})->lists_vertices());
        CHECK(open_text(options, {0, ranks})->weighted());
        CHECK(read_vertices(options, ranks) == std::vector<ExternalId>{1, 2, 3, 900});
        CHECK(read_all(options, ranks) == Edges{{1, 2, 0.5}, {2, 3, 1.5}});
      }
  const auto alone = open_text({.path = folder / "g.e", .format = TextFormat::snap}, {});
  CHECK_FALSE(alone->lists_vertices());

  folder.write("only.e", edges);
  CHECK_FALSE(open_text({.path = folder / "only.e"}, {})->lists_vertices());
  const std::string only = folder / "only";
  CHECK(error_of({.path = only, .format = TextFormat::ldbc}) ==
        fmt::format("{0}.v: no such file; an LDBC graph is {0}.v and {0}.e, each perhaps with .gz or .zst", only));
  CHECK(error_of({.path = only}) == only + ": no such file");
  folder.write("only.v", "");
  CHECK(error_of({.path = only}) == only + ".v: is empty, expected a list of vertex ids");
  folder.write("only.v", "1\n");
  folder.write("only.e", "");
  CHECK(error_of({.path = only}) == "no error");
  CHECK(read_all({.path = only, .read_weights = true}).empty());
  folder.write("only.v", "1\n2.5\n");
  CHECK(error_of({.path = only}) == only + ".v:2: expected a vertex id of digits only, found '2.5'");
}

TEST_CASE("a compressed file cut anywhere is truncated, or ends where a member ends") {
  const Folder folder;
  Random random(5);
  const std::string first = sample(random, 20, false), second = sample(random, 20, false);
  for (const Compressor compress : {kGzip, Compressor(zstd)}) {
    const std::string head = compress(first), whole = head + compress(second);
    for (const std::size_t block : {16u, 1u << 20}) {
      for (std::size_t size = 1; size < whole.size(); ++size) {
        const std::string path = folder.write("cut", whole.substr(0, size));
        const TextOptions options{.path = path, .block_bytes = block};
        INFO("cut at " << size << " of " << whole.size());
        if (size == head.size()) {
          CHECK(read_all(options) == sorted(test::read_reference(first, false).edges));
        } else {
          const std::string error = error_of(options, size < 4 ? Share{} : Share{static_cast<int>(size % 2), 2});
          if (error == "no error") FAIL("the cut was not noticed");
          if (size >= 4 && !error.starts_with(path + ": truncated: ") && size != head.size() + 1) FAIL(error);
        }
      }
      for (const std::string garbage : {"x", "garbage", "1 2\n", "\x1f", "\n"}) {
        const std::string path = folder.write("garbage", whole + garbage);
        const std::string error = error_of({.path = path, .block_bytes = block});
        if (!error.starts_with(path + ": ")) FAIL(error);
      }
      CHECK(error_of({.path = folder.write("garbage", whole + "more bytes")}) ==
            fmt::format("{}: damaged: the {} data is followed by something else at byte {}", folder / "garbage",
                        compress == kGzip ? "gzip" : "zstd", whole.size()));
    }
  }
}

TEST_CASE("a flipped bit in a compressed file is an error or changes nothing") {
  const Folder folder;
  Random random(6);
  const std::string text = sample(random, 40, false);
  const Edges expected = sorted(test::read_reference(text, false).edges);
  for (const Compressor compress : {kGzip, Compressor(zstd)}) {
    const std::string whole = compress(text);
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (int bit = 0; bit < 8; ++bit) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
        const TextOptions options{.path = folder.write("flip", bytes), .block_bytes = 64};
        try {
          if (read_all(options) != expected) FAIL("wrong edges after a flip at byte " << at);
        } catch (const InputError& error) {
          // Damage goes before the nonsense that it makes of a line.
          if (at >= 10 && !std::string(error.what()).starts_with(options.path + ": ")) FAIL(at << ": " << error.what());
        }
      }
  }
}

TEST_CASE("long lines cross blocks; too long ones are named") {
  const Folder folder;
  const std::string longest = "1 2 " + std::string(text::kMaxLine - 4, 'x');
  const std::string good = "5 6\n" + longest + "\n7 8\n# " + std::string(5000, 'y') + "\n9 10\n";
  const std::string bad = good + longest + "x\n3 4\n5\n";
  for (const Compressor compress :
       {Compressor([](const std::string& text) { return text; }), kGzip, Compressor(zstd)}) {
    const std::string good_path = folder.write("good", compress(good)), bad_path = folder.write("bad", compress(bad));
    for (const std::size_t block : {1000u, 65536u, 4u << 20})
      for (int ranks = 1; ranks <= 3; ranks += 2)
        for (int threads = 1; threads <= 2; ++threads) {
          parallel::set_threads(threads);
          CHECK(read_all({.path = good_path, .block_bytes = block}, ranks) ==
                Edges{{1, 2, 0}, {5, 6, 0}, {7, 8, 0}, {9, 10, 0}});
          bool named = false;
          for (int rank = 0; rank < ranks; ++rank)
            named = named || error_of({.path = bad_path, .block_bytes = block}, {rank, ranks})
                                 .starts_with(bad_path + ":6: expected a line of at most 1048576 bytes, found");
          CHECK(named);
        }
  }
}

TEST_CASE("an error of the sink reaches the caller") {
  const Folder folder;
  Random random(8);
  const std::string text = sample(random, 200, false);
  for (const std::string& path : {folder.write("plain", text), folder.write("gz", gzip(text))})
    for (int threads = 1; threads <= 3; ++threads) {
      parallel::set_threads(threads);
      const auto source = open_text({.path = path, .block_bytes = 64}, {});
      CHECK_THROWS_AS(source->read_edges([](EdgeChunk&&) { throw ResourceError("full"); }), ResourceError);
    }
}

TEST_CASE("the names of text formats") {
  CHECK(parse_text_format("csv") == TextFormat::csv);
  CHECK(parse_text_format("auto") == TextFormat::automatic);
  CHECK_THROWS_WITH(parse_text_format("xml"),
                    "unknown text format 'xml'; allowed: auto, snap, tsv, csv, ldbc, mtx, dimacs, metis, "
                    "adjlist");
}
