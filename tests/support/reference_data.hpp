#pragma once
// Where the graphs with reference answers are, when they are: $GASKET_DATA, else shared/data beside the source folder.

#include <cstdlib>
#include <filesystem>

namespace gasket {

/// Empty when there is no such folder.
inline std::filesystem::path reference_data() {
  const char* const given = std::getenv("GASKET_DATA");
  const char* const source = std::getenv("GASKET_SOURCE");
  const std::filesystem::path folder =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(source != nullptr ? source : ".") / ".." / "shared" / "data";
  return is_directory(folder) ? folder : std::filesystem::path();
}

}  // namespace gasket
