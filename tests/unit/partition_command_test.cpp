// What `gasket partition` writes: the JSON with the keys that are promised, the CSV with the same rows, a table that fits
// into 100 columns, and a page that needs nothing from outside and whose data parse.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "partition/place/placement.hpp"
#include "tests/support/scratch_folder.hpp"

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The JSON in the line `const NAME = JSON;`
nlohmann::json embedded(const std::string& page, const std::string& name) {
  const std::string start = "\nconst " + name + " = ";
  const std::size_t begin = page.find(start) + start.size();
  return nlohmann::json::parse(page.substr(begin, page.find(";\n", begin) - begin));
}

}  // namespace

TEST_CASE("gasket partition writes a table, CSV, JSON and a page") {
  const char* gasket = std::getenv("GASKET");
  if (gasket == nullptr) {
    WARN("GASKET is not set: skipped");
    return;
  }
  const gasket::ScratchFolder folder;
  const auto file = [&](const char* name) { return (folder / name).string(); };
  const std::string command = std::string("cd '") + folder.path().string() + "' && '" + gasket +
                              "' partition --graph 'rmat:scale=9' --parts 3,1024 --progress never --csv t.csv --json "
                              "t.json --html t.html >t.txt";
  REQUIRE(std::system(command.c_str()) == 0);

  const std::size_t count = 2 * gasket::placements().size();
  const auto rows = nlohmann::json::parse(read(file("t.json")));
  REQUIRE(rows.size() == count);
  for (const auto& row : rows) {
    for (const char* key : {"replication_factor", "edge_balance", "vertex_balance", "master_balance", "cut_edges",
                            "ghosts", "bytes_per_superstep", "partners", "memory_bytes", "seconds"}) {
      CAPTURE(row["strategy"], key);
      CHECK(row.at(key).is_number());
    }
    CHECK(row["replication_factor"] >= 1.0);
    CHECK(row["random_theory"].is_number() == (row["strategy"] == "random"));
  }

  const auto csv = lines_of(read(file("t.csv")));
  REQUIRE(csv.size() == count + 1);
  CHECK(csv[0].starts_with("strategy,parts,replication_factor,"));
  for (const std::string& line : csv) CHECK(std::ranges::count(line, ',') == std::ranges::count(csv[0], ','));

  const std::string table = read(file("t.txt"));
  for (const std::string& line : lines_of(table.substr(0, table.find("For 1024 parts choose ")))) {
    CAPTURE(line);
    CHECK(line.size() <= 100);
  }
  CHECK(table.find("in theory") != std::string::npos);
  CHECK(table.find("For 1024 parts choose ") != std::string::npos);

  const std::string page = read(file("t.html"));
  for (const char* outside : {"http:", "https:", "//www", "src=", "@import", "url(", "fetch(", "@GRAPH@", "@ROWS@"})
    CHECK(page.find(outside) == std::string::npos);
  CHECK(embedded(page, "rows") == rows);
  CHECK(embedded(page, "graph").at("recommendation").get<std::string>().starts_with("For 1024 parts choose "));
}
