// The .gsk format: no damage passes, be it flipped bits, a cut, or right checksums over wrong content.

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "partition/error.hpp"
#include "partition/io/gsk.hpp"
#include "partition/random.hpp"
#include "tests/support/gsk_files.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/threads.hpp"

using namespace gasket;
using namespace gasket::test;

TEST_CASE("every flipped bit is noticed") {
  const ScratchFolder scratch;
  const bool directed = GENERATE(true, false);
  const fs::path bad = scratch / "bad.gsk";
  write_gsk(make_graph(20, 30, directed, directed, !directed), bad);
  const std::string good = bytes_of(bad);
  std::fstream file(bad, std::ios::binary | std::ios::in | std::ios::out);
  const auto set = [&](std::size_t at, int byte) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte)).flush();
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      set(at, good[at] ^ (1 << bit));
      const std::string message = refusal(bad);
      if (!message.starts_with(bad.string() + ": ")) FAIL("byte " << at << " bit " << bit << ": '" << message << "'");
    }
    set(at, good[at]);
  }
  CHECK(refusal(bad).empty());
}

TEST_CASE("a flipped byte in any block is noticed by the rank that reads it") {
  const ScratchFolder scratch;
  write_gsk(make_graph(300000, 600000, true, true, false), scratch / "g.gsk");
  const std::string good = bytes_of(scratch / "g.gsk");
  const fs::path bad = scratch / "bad.gsk";
  const Threads scope(2);
  for (std::size_t at = 256; at < good.size(); at += 499979) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 16);
    put_bytes(bad, bytes);
    for (const int ranks : {1, 3}) {
      INFO("byte " << at << " of " << good.size() << ", " << ranks << " ranks");
      CHECK_THROWS_WITH(read_gsk(bad, ranks), Catch::Contains("bad.gsk: damaged: "));
    }
  }
}

TEST_CASE("every truncation and every extension is noticed") {
  const ScratchFolder scratch;
  const fs::path bad = scratch / "bad.gsk";
  write_gsk(make_graph(10, 12, false, true, false), bad);
  const std::string good = bytes_of(bad);
  for (std::size_t size = good.size(); size-- > 0;) {
    fs::resize_file(bad, size);
    const std::string message = refusal(bad);
    INFO(size << " bytes: " << message);
    CHECK((message.find(size == 0 ? "is empty" : "truncated: has ") != std::string::npos));
  }
  for (const std::size_t more : {1u, 8u, 4096u}) {
    put_bytes(bad, good + std::string(more, '\0'));
    CHECK_THAT(refusal(bad), Catch::Contains("something was added"));
  }
}

TEST_CASE("what is no .gsk file is said in words") {
  const ScratchFolder scratch;
  write_gsk(make_graph(10, 12, true, false, true), scratch / "g.gsk");
  const fs::path bad = scratch / "bad.gsk";
  CHECK_THAT(refusal(scratch / "none.gsk"), Catch::Contains("none.gsk: no such file"));
  CHECK_THAT(refusal(scratch.path()), Catch::Contains("is a directory, expected a .gsk file"));
  put_bytes(bad, "1 2\n");
  CHECK_THAT(refusal(bad), Catch::EndsWith("bad.gsk: is not a .gsk file"));
  put_bytes(bad, std::string(5000, 'x'));
  CHECK_THAT(refusal(bad), Catch::EndsWith("bad.gsk: is not a .gsk file"));
  fs::copy_file(scratch / "g.gsk", bad, fs::copy_options::overwrite_existing);
  forge(bad, [](std::string& bytes) { poke<std::uint32_t>(bytes, 8, 1); });
  CHECK_THAT(refusal(bad), Catch::Contains("has version 1 of the .gsk format; this gasket reads version 3"));
  forge(bad, [](std::string& bytes) { poke<std::uint32_t>(bytes, 8, 4); });
  CHECK_THAT(refusal(bad), Catch::Contains("has version 4 of the .gsk format"));
  std::string text = bytes_of(scratch / "g.gsk");
  text.erase(4, 1);  // "\r\n" became "\n"
  put_bytes(bad, text);
  CHECK_THAT(refusal(bad), Catch::Contains("line ends"));
}

TEST_CASE("a file with right checksums and wrong content is refused, not believed") {
  const ScratchFolder scratch;
  const fs::path bad = scratch / "bad.gsk";
  const auto forged = [&](const fs::path& good, const std::function<void(std::string&)>& change) {
    fs::copy_file(good, bad, fs::copy_options::overwrite_existing);
    forge(bad, change);
    return refusal(bad);
  };
  const fs::path dense = scratch / "dense.gsk", sparse = scratch / "sparse.gsk";
  write_gsk(make_graph(10, 12, true, false, true), dense);
  write_gsk(make_graph(10, 12, true, true, false), sparse);
  const std::size_t offsets = 256, columns = 256 + 8 * 11, ids = 256;
  CHECK(forged(dense, [](std::string&) {}).empty());
  CHECK(forged(sparse, [](std::string&) {}).empty());
  // Counts that no file holds: refused before memory is asked for.
  for (const std::uint64_t absurd : {std::uint64_t{11}, std::uint64_t{1} << 32, std::uint64_t{1} << 47,
                                     std::uint64_t{1} << 61, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    for (const std::size_t field : {24, 32, 40, 48, 56, 72, 80, 120, 128, 136, 144}) {
      INFO("field at " << field << " is " << absurd);
      const std::string message = forged(dense, [&](std::string& bytes) { poke(bytes, field, absurd); });
      CHECK_THAT(message, Catch::StartsWith(bad.string() + ": "));
    }
  }
  CHECK_THAT(forged(dense, [](std::string& b) { poke<std::uint32_t>(b, 12, 128); }), Catch::Contains("contradicts"));
  CHECK_THAT(forged(dense, [](std::string& b) { poke<std::uint32_t>(b, 16, 8); }), Catch::Contains("contradicts"));
  CHECK_THAT(forged(dense, [](std::string& b) { poke<std::uint32_t>(b, 20, 8); }), Catch::Contains("contradicts"));
  CHECK_THAT(forged(dense, [](std::string& b) { poke<char>(b, 200, 1); }), Catch::Contains("contradicts"));
  CHECK_THAT(forged(dense, [&](std::string& b) { poke<std::uint32_t>(b, columns, 10); }),
             Catch::Contains("a vertex that does not exist"));
  CHECK_THAT(forged(dense, [&](std::string& b) { poke<std::uint64_t>(b, offsets, 1); }),
             Catch::Contains("row offsets"));
  CHECK_THAT(forged(dense, [&](std::string& b) { poke<std::uint64_t>(b, offsets + 24, ~0ull); }),
             Catch::Contains("row offsets"));
  CHECK_THAT(forged(dense, [&](std::string& b) { poke<std::uint64_t>(b, offsets + 80, 11); }),
             Catch::Contains("row offsets"));
  CHECK_THAT(forged(sparse, [&](std::string& b) { poke<std::uint64_t>(b, ids, ~0ull); }), Catch::Contains("ids"));
}

TEST_CASE("stored rows that no engine could use are refused") {
  const ScratchFolder scratch;
  const fs::path good = scratch / "good.gsk", bad = scratch / "bad.gsk";
  write_reversed_path(good, 10, true);
  const auto refusal_of_rows = [&](const std::function<void(std::string&)>& change) -> std::string {
    fs::copy_file(good, bad, fs::copy_options::overwrite_existing);
    forge(bad, change);
    try {
      open_gsk(bad.string(), {})->read_rows();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const std::size_t order = 256, columns = 256 + 4 * 10 + 8 * 11 + 8 * 18;
  CHECK(refusal_of_rows([](std::string&) {}).empty());
  CHECK_THAT(refusal_of_rows([&](std::string& b) { poke<std::uint32_t>(b, order, 3); }),
             Catch::EndsWith("damaged: two rows are of the same vertex"));
  CHECK_THAT(refusal_of_rows([&](std::string& b) { poke<std::uint32_t>(b, order, 10); }),
             Catch::EndsWith("damaged: a row is of a vertex that does not exist"));
  CHECK_THAT(refusal_of_rows([&](std::string& b) { poke<std::uint32_t>(b, columns + 4, 9); }),
             Catch::EndsWith("damaged: the arcs of a row do not ascend"));
}

TEST_CASE("an undirected graph without all reverse arcs, or with another number of edges, is refused") {
  const ScratchFolder scratch;
  const fs::path good = scratch / "good.gsk", bad = scratch / "bad.gsk";
  const auto refusal_of_rows = [](const fs::path& path) -> std::string {
    try {
      open_gsk(path.string(), {})->read_rows();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  write_reversed_path(good, 10, true);
  fs::copy_file(good, bad);
  forge(bad, [](std::string& b) { poke<std::uint64_t>(b, 40, 10); });
  CHECK_THAT(refusal_of_rows(bad), Catch::EndsWith("damaged: the header counts 10 edges, the rows have 9"));

  const GskFacts facts{3, 3, false, false, true};
  {
    GskWriter writer(bad.string(), facts);  // 0 - 1, 0 - 2, 1 - 2, one arc each
    writer.append_rows(std::vector<EdgeCount>{2, 1, 0}, std::vector<std::uint64_t>{1, 2, 2}, {});
    writer.finish();
  }
  CHECK_THAT(refusal_of_rows(bad), Catch::EndsWith("damaged: an arc of the undirected graph has no reverse"));
}

TEST_CASE("forged offsets crash no rank") {
  const ScratchFolder scratch;
  const GskGraph graph = make_graph(300000, 1000, true, false, true);
  const RandomStream random(3);
  write_gsk(graph, scratch / "g.gsk", 300000);
  for (std::uint64_t round = 0; round < 30; ++round) {
    fs::copy_file(scratch / "g.gsk", scratch / "bad.gsk", fs::copy_options::overwrite_existing);
    forge(scratch / "bad.gsk", [&](std::string& bytes) {
      for (std::uint64_t i = 0; i < 10; ++i)
        poke<std::uint64_t>(
            bytes, 256 + 8 * random_below(random(20 * round + 2 * i), 300001),
            i % 2 == 0 ? random(20 * round + 2 * i + 1) : random_below(random(20 * round + 2 * i + 1), 1001));
      // Also the entries that begin blocks, where rows are looked for.
      poke<std::uint64_t>(bytes, 256 + (1 << 20), random(round) % 1500);
    });
    bool refused = false;
    for (int rank = 0; rank < 4; ++rank) {
      try {
        open_gsk((scratch / "bad.gsk").string(), {rank, 4})->read_edges([](EdgeChunk&&) {});
      } catch (const InputError&) {
        refused = true;
      }
    }
    CHECK(refused);
  }
}
