// Results in files and in lists of the first: lines ascend by id and carry the input's ids, whatever the placement; a
// file that cannot be written is one error for all ranks and leaves nothing behind.

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "engine/gasket.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

// One folder for all ranks, made and removed by rank 0.
class SharedFolder {
 public:
  SharedFolder() {
    std::vector<char> path;
    if (world().rank() == 0) {
      folder_.emplace();
      const std::string text = folder_->path().string();
      path.assign(text.begin(), text.end());
    }
    world().broadcast(path, 0);
    path_ = std::string(path.begin(), path.end());
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::size_t files() const {
    world().sum(0);  // after everybody's work
    const auto count = std::distance(std::filesystem::directory_iterator(path_), {});
    world().sum(0);  // before anybody's further work
    return static_cast<std::size_t>(count);
  }

 private:
  std::optional<ScratchFolder> folder_;
  std::string path_;
};

DistributedGraph load(const PlainGraph& plain, std::string_view placement) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.placement = placement;
  return load_graph(world(), source, options);
}

BigArray<GlobalId> own_indices(const DistributedGraph& graph) {
  return BigArray<GlobalId>(graph.global_ids().first(graph.masters()));
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a file has a line per vertex, ascending, with the input's ids") {
  const SharedFolder folder;
  std::vector<PlainGraph> graphs = named_graphs();  // some have fewer vertices than there are ranks
  graphs.push_back(random_graph(500, 900, 5, std::uint64_t{1} << 45));
  for (const PlainGraph& plain : graphs)
    for (const PlacementInfo& placement : placements().first(3)) {
      CAPTURE(plain.name, placement.name);
      const DistributedGraph graph = load(plain, placement.name);
      const Oracle oracle(plain, false);
      std::string expected;
      for (std::size_t v = 0; v < oracle.count(); ++v) expected += fmt::format("{} {}\n", oracle.ids[v], v);
      const std::string path = folder / "values.txt";
      write_values(graph, own_indices(graph), path);  // replaces the file of the graph before
      CHECK(folder.files() == 1);
      CHECK(text_of(path) == expected);
      world().sum(0);  // nobody writes on while somebody reads
    }
}

TEST_CASE("a value's text may be the caller's own, and long outputs come in pieces") {
  const SharedFolder folder;
  const PlainGraph plain = random_graph(200'000, 200'000, 6);
  const DistributedGraph graph = load(plain, "random");
  const Oracle oracle(plain, false);
  std::string expected;
  for (std::size_t v = 0; v < oracle.count(); ++v) expected += fmt::format("{} <{}>\n", oracle.ids[v], v);
  write_values(graph, own_indices(graph), folder / "long.txt",
               [](fmt::memory_buffer& text, GlobalId v) { fmt::format_to(fmt::appender(text), "<{}>", v); });
  CHECK(folder.files() == 1);
  const bool same = text_of(folder / "long.txt") == expected;
  CHECK(same);
  world().sum(0);
}

TEST_CASE("a file that cannot be written is one error on all ranks, and nothing is left") {
  const SharedFolder folder;
  const DistributedGraph graph = load(random_graph(50, 80, 1), "dbh");
  for (const std::string name : {"no/such/folder/values.txt", "no/values.txt.gz", "no/values.txt.zst"}) {
    CAPTURE(name);
    try {
      write_values(graph, own_indices(graph), folder / name);
      FAIL("was written");
    } catch (const Error& error) {
      CHECK(error.agreed());
      CHECK(error.code() == ExitCode::bad_input);
      CHECK_THAT(error.what(), Catch::Contains(folder / name));
    }
    CHECK(folder.files() == 0);
  }
}

TEST_CASE("a value that has no text ends the output on all ranks without a file") {
  const SharedFolder folder;
  const DistributedGraph graph = load(random_graph(50, 80, 1), "dbh");
  for (int failing = 0; failing < world().size(); ++failing) {
    CAPTURE(failing);
    const auto append = [&](fmt::memory_buffer&, GlobalId) {
      if (world().rank() == failing) throw InputError("no text for it");
    };
    CHECK_THROWS_WITH(write_values(graph, own_indices(graph), folder / "values.txt", append),
                      Catch::Contains("no text for it"));
    CHECK(folder.files() == 0);
  }
}

TEST_CASE("the first few are the same on every rank; ties go to the smaller id") {
  const PlainGraph plain = random_graph(300, 1200, 4, 1000);
  const Oracle oracle(plain, false);
  const auto count = static_cast<GlobalId>(oracle.count());
  for (const PlacementInfo& placement : placements().first(3)) {
    CAPTURE(placement.name);
    const DistributedGraph graph = load(plain, placement.name);
    BigArray<GlobalId> values = own_indices(graph);
    for (GlobalId& value : values) value = value % 5;
    for (const GlobalId wanted : {GlobalId{0}, GlobalId{1}, GlobalId{7}, count, 2 * count}) {
      std::vector<ExternalId> expected;
      for (GlobalId remainder = 5; remainder-- > 1;)
        for (GlobalId v = remainder; v < count; v += 5)
          if (expected.size() < wanted) expected.push_back(oracle.ids[v]);
      const auto top = top_values(graph, values, wanted, std::greater<>(), [](GlobalId value) { return value > 0; });
      std::vector<ExternalId> ids;
      bool right = true;
      for (const auto& [id, value] : top) {
        ids.push_back(id);
        right =
            right && value == static_cast<GlobalId>(std::ranges::lower_bound(oracle.ids, id) - oracle.ids.begin()) % 5;
      }
      CHECK(ids == expected);
      CHECK(right);
    }
  }
}
