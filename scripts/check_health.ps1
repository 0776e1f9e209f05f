# Ask all seven services how they are: healthy, degraded, unhealthy or down.
# Exit code 0 when all are healthy, 1 when one is not. Needs PowerShell 5.1 or newer.
#
#   ./scripts/check_health.ps1 [-HostName localhost] [-PortOffset 0] [-TimeoutSec 5]
param(
    [string]$HostName = "localhost",
    [int]$PortOffset = $(if ($env:AE_PORT_OFFSET) { [int]$env:AE_PORT_OFFSET } else { 0 }),
    [int]$TimeoutSec = 5
)

$services = @(
    @{ Name = "database_service"; Port = 8000 },
    @{ Name = "messaging_service"; Port = 8001 },
    @{ Name = "business_metadata"; Port = 8020 },
    @{ Name = "calculation_engine_service"; Port = 8021 },
    @{ Name = "demo_config_service"; Port = 8022 },
    @{ Name = "connector_service"; Port = 8023 },
    @{ Name = "api_gateway"; Port = 8090 }
)
$colors = @{ healthy = "Green"; degraded = "Yellow"; unhealthy = "Red"; down = "Red" }

function Get-Report([string]$Url) {
    try {
        return Invoke-RestMethod -Uri $Url -TimeoutSec $TimeoutSec
    } catch {
        # An unhealthy service answers with 503 and says why in the body.
        try {
            if ($_.ErrorDetails.Message) { return $_.ErrorDetails.Message | ConvertFrom-Json }
        } catch { }
        return $null
    }
}

$code = 0
foreach ($service in $services) {
    $given = [Environment]::GetEnvironmentVariable("$($service.Name.ToUpper())_URL")
    $url = if ($given) { "$($given.TrimEnd('/'))/health" } else { "http://${HostName}:$($service.Port + $PortOffset)/health" }
    $report = Get-Report $url
    $status = "down"
    if ($report -and $report.service -eq $service.Name -and $colors.ContainsKey([string]$report.status)) {
        $status = [string]$report.status
    }
    if ($status -ne "healthy") { $code = 1 }
    Write-Host ("{0,-27} {1,-10} {2}" -f $service.Name, $status, $url) -ForegroundColor $colors[$status]
}
exit $code
