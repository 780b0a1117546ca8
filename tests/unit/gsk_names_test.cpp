// Names in the .gsk format: strings as ids come back as they were written, and those that cannot be are refused.

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "partition/error.hpp"
#include "partition/io/gsk.hpp"
#include "tests/support/gsk_files.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace gasket;
using namespace gasket::test;

namespace {

// Vertices in a row, each with an arc to the next; called by `names`.
void write_named_path(const std::string& path, const std::vector<std::string>& names, std::size_t piece) {
  GskFacts facts{.vertices = names.size(), .arcs = names.size() - 1, .named = true};
  for (const std::string& name : names) facts.name_bytes += name.size();
  GskWriter writer(path, facts);
  for (std::size_t begin = 0; begin < names.size(); begin += piece) {
    const std::size_t end = std::min(begin + piece, names.size());
    NameList list(end - begin, facts.name_bytes);
    for (std::size_t i = begin; i < end; ++i) list.add(names[i]);
    list.shrink();
    writer.append_names(list);
  }
  std::vector<EdgeCount> degrees(names.size(), 1);
  std::vector<std::uint64_t> columns;
  for (std::uint64_t v = 1; v < names.size(); ++v) columns.push_back(v);
  degrees.back() = 0;
  writer.append_rows(degrees, columns, {});
  writer.finish();
}

}  // namespace

TEST_CASE("names come back, whatever the ranks and the pieces they were written in") {
  const ScratchFolder scratch;
  const std::string path = (scratch / "n.gsk").string(), again = (scratch / "again.gsk").string();
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{200000}}) {
    std::vector<std::string> names{""};  // also a name
    for (std::size_t v = 1; v < count; ++v) names.push_back(std::string(v % 9, '\xc3') + std::to_string(v));
    std::ranges::sort(names);
    write_named_path(path, names, 1 << 20);
    write_named_path(again, names, 333);
    CHECK((bytes_of(path) == bytes_of(again)));
    CHECK(names_by_strings(path));
    for (const int ranks : {1, 2, 3, 7}) {
      std::vector<std::string> found;
      for (int rank = 0; rank < ranks; ++rank) {
        const auto source = open_gsk(path, {rank, ranks});
        CHECK(source->stores_names());
        CHECK(source->vertex_count() == count);
        const NameList share = source->read_names();
        for (std::size_t i = 0; i < share.size(); ++i) found.emplace_back(share[i]);
      }
      CHECK((found == names));
    }
    CHECK(open_gsk(path, {})->read_rows().names.size() == count);
  }
  const GskGraph numbers = make_graph(5, 5, true, false, true);
  write_gsk(numbers, scratch / "g.gsk");
  CHECK_FALSE(names_by_strings((scratch / "g.gsk").string()));
  CHECK_FALSE(names_by_strings((scratch / "none.gsk").string()));
}

TEST_CASE("names that cannot be are refused") {
  const ScratchFolder scratch;
  const fs::path path = scratch / "n.gsk", bad = scratch / "bad.gsk";
  write_named_path(path.string(), {"ann", "bob", "cy", "dora"}, 4);
  // 5 offsets of 8 bytes and 3 columns of 4 lie behind the header.
  constexpr std::size_t kEnds = 256 + 40 + 12, kNames = kEnds + 32;
  const auto refusal = [&](const std::function<void(std::string&)>& change, int ranks) -> std::string {
    fs::copy_file(path, bad, fs::copy_options::overwrite_existing);
    forge(bad, change);
    try {
      for (int rank = 0; rank < ranks; ++rank) open_gsk(bad.string(), {rank, ranks})->read_names();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  for (const int ranks : {1, 2, 3, 4}) {
    CAPTURE(ranks);
    CHECK(refusal([](std::string&) {}, ranks) == "");
    CHECK_THAT(refusal([](std::string& b) { b[kNames + 3] = 'A'; }, ranks),
               Catch::EndsWith("bad.gsk: damaged: the names do not ascend"));
    CHECK_THAT(refusal([](std::string& b) { b.replace(kNames, 6, "bobbob"); }, ranks),
               Catch::EndsWith("damaged: the names do not ascend"));
    const std::string ends = "damaged: the ends of the names do not ascend to the number of their characters";
    CHECK_THAT(refusal([](std::string& b) { poke<std::uint64_t>(b, kEnds + 8, 9); }, ranks), Catch::EndsWith(ends));
    CHECK_THAT(refusal([](std::string& b) { poke<std::uint64_t>(b, kEnds + 24, 11); }, ranks), Catch::EndsWith(ends));
    CHECK_THAT(refusal([](std::string& b) { poke<std::uint64_t>(b, kEnds + 24, ~0ull); }, ranks),
               Catch::EndsWith(ends));
  }
  CHECK_THAT(refusal([](std::string& b) { poke<std::uint32_t>(b, 12, 1 | 4); }, 1),
             Catch::EndsWith("damaged: it claims 4 vertices and 3 arcs"));  // names, and no word of them
}
